//! The generic form of a conversation, as the event `v2.users.{id}.conversations` has it: allow-lists of fields. For
//! recovery.

use super::common::{
    ATTACHMENT, CONVERSATION_DIVISION_MEMBERSHIP, CONVERSATION_ROUTING_DATA, DIALER_PREVIEW, DISPOSITION,
    DOMAIN_ENTITY_REF, ERROR_DETAILS, JOURNEY_CONTEXT, MESSAGE_MEDIA, MESSAGE_METADATA, MESSAGE_STICKER,
    QUEUE_MEDIA_SETTINGS, RECORDERS_STATE, VOICEMAIL, WRAPUP,
};
use super::shape::{DISCONNECT_TYPE, How, Shape};

pub(super) static CONVERSATION: Shape = Shape {
    text: "id address externalTag utilizationLabelId inactivityTimeout",
    number: "maxParticipants",
    flag: "securePause",
    texts: "accessAttributes",
    objects: &[("associatedConversation", &DOMAIN_ENTITY_REF)],
    lists: &[
        ("participants", &PARTICIPANT),
        ("recentTransfers", &TRANSFER_RESPONSE),
        ("consultationConversations", &DOMAIN_ENTITY_REF),
        ("divisions", &CONVERSATION_DIVISION_MEMBERSHIP),
    ],
    special: &[("recordingState", How::Lower("recordingState"))],
    ..Shape::NONE
};

static PARTICIPANT: Shape = Shape {
    text: "id connectedTime endTime userId externalContactId externalContactInitialDivisionId \
               externalOrganizationId name queueId groupId teamId purpose consultParticipantId address \
               wrapupPrompt startAcwTime endAcwTime monitoredParticipantId screenMonitoredParticipantId \
               coachedParticipantId bargedParticipantId screenRecordingState flaggedReason",
    number: "wrapupTimeoutMs alertingTimeoutMs",
    flag: "wrapupRequired wrapupExpected",
    texts: "mediaRoles",
    dictionaries: "attributes",
    objects: &[("wrapup", &WRAPUP), ("conversationRoutingData", &CONVERSATION_ROUTING_DATA), ("workflow", &WORKFLOW)],
    lists: &[
        ("calls", &CALL),
        ("callbacks", &CALLBACK),
        ("chats", &CHAT),
        ("cobrowsesessions", &COBROWSE),
        ("emails", &EMAIL),
        ("messages", &MESSAGE),
        ("internalMessages", &INTERNAL_MESSAGE),
        ("screenMonitorings", &SCREEN_MONITORING),
        ("screenshares", &SCREEN_SHARE),
        ("socialExpressions", &SOCIAL_EXPRESSION),
        ("videos", &VIDEO),
    ],
    ..Shape::NONE
};

static CALL: Shape = Shape {
    text: "id state initialState recordingState startHoldTime direction documentId provider scriptId peerId \
               connectedTime disconnectedTime uuiData bargedTime agentAssistantId transferSource \
               publicIpAddress",
    flag: "recording muted confined held securePause afterCallWorkRequired",
    objects: &[
        ("recordersState", &RECORDERS_STATE),
        ("errorInfo", &ERROR_DETAILS),
        ("self", &ADDRESS),
        ("other", &ADDRESS),
        ("faxStatus", &FAX_STATUS),
        ("wrapup", &WRAPUP),
        ("afterCallWork", &AFTER_CALL_WORK),
        ("queueMediaSettings", &QUEUE_MEDIA_SETTINGS),
        ("disposition", &DISPOSITION),
    ],
    lists: &[("disconnectReasons", &DISCONNECT_REASON)],
    special: &[DISCONNECT_TYPE],
    ..Shape::NONE
};

static ADDRESS: Shape = Shape::text("name nameRaw addressNormalized addressRaw addressDisplayable");

static DISCONNECT_REASON: Shape = Shape { text: "type phrase reason", number: "code", ..Shape::NONE };

static FAX_STATUS: Shape = Shape {
    text: "direction",
    number: "expectedPages activePage linesTransmitted bytesTransmitted baudRate pageErrors lineErrors",
    ..Shape::NONE
};

static AFTER_CALL_WORK: Shape = Shape::text("state startTime endTime");

static CALLBACK: Shape = Shape {
    text: "state initialState id direction startHoldTime callbackUserName scriptId peerId provider \
               connectedTime disconnectedTime callbackScheduledTime automatedCallbackConfigId callerId \
               callerIdName",
    number: "timeoutSeconds",
    flag: "held externalCampaign skipEnabled afterCallWorkRequired",
    texts: "callbackNumbers",
    objects: &[
        ("dialerPreview", &DIALER_PREVIEW),
        ("voicemail", &VOICEMAIL),
        ("wrapup", &WRAPUP),
        ("afterCallWork", &AFTER_CALL_WORK),
        ("queueMediaSettings", &QUEUE_MEDIA_SETTINGS),
    ],
    special: &[DISCONNECT_TYPE],
    ..Shape::NONE
};

static CHAT: Shape = Shape {
    text: "state initialState id provider scriptId peerId roomId avatarImageUrl startHoldTime connectedTime \
               disconnectedTime",
    flag: "held afterCallWorkRequired",
    objects: &[
        ("journeyContext", &JOURNEY_CONTEXT),
        ("wrapup", &WRAPUP),
        ("afterCallWork", &AFTER_CALL_WORK),
        ("queueMediaSettings", &QUEUE_MEDIA_SETTINGS),
    ],
    special: &[DISCONNECT_TYPE],
    ..Shape::NONE
};

static COBROWSE: Shape = Shape {
    text: "state initialState id roomId cobrowseSessionId cobrowseRole viewerUrl provider scriptId peerId \
               providerEventTime connectedTime disconnectedTime",
    flag: "afterCallWorkRequired",
    texts: "controlling",
    objects: &[
        ("self", &ADDRESS),
        ("wrapup", &WRAPUP),
        ("afterCallWork", &AFTER_CALL_WORK),
        ("queueMediaSettings", &QUEUE_MEDIA_SETTINGS),
    ],
    special: &[DISCONNECT_TYPE],
    ..Shape::NONE
};

static EMAIL: Shape = Shape {
    text: "id state initialState subject provider scriptId peerId startHoldTime connectedTime \
               disconnectedTime messageId direction resumeTime parkTime",
    number: "messagesSent",
    flag: "held autoGenerated spam afterCallWorkRequired",
    objects: &[
        ("errorInfo", &ERROR_DETAILS),
        ("wrapup", &WRAPUP),
        ("afterCallWork", &AFTER_CALL_WORK),
        ("queueMediaSettings", &QUEUE_MEDIA_SETTINGS),
    ],
    lists: &[("draftAttachments", &ATTACHMENT)],
    special: &[DISCONNECT_TYPE],
    ..Shape::NONE
};

static MESSAGE: Shape = Shape {
    text: "id state initialState direction provider scriptId peerId startHoldTime connectedTime \
               disconnectedTime messagesTranscriptUri type recipientCountry recipientType agentAssistantId \
               engagementSource byoSmsIntegrationId resumeTime parkTime",
    flag: "held afterCallWorkRequired",
    objects: &[
        ("errorInfo", &ERROR_DETAILS),
        ("toAddress", &ADDRESS),
        ("fromAddress", &ADDRESS),
        ("journeyContext", &JOURNEY_CONTEXT),
        ("wrapup", &WRAPUP),
        ("afterCallWork", &AFTER_CALL_WORK),
        ("queueMediaSettings", &QUEUE_MEDIA_SETTINGS),
    ],
    lists: &[("messages", &MESSAGE_DETAILS)],
    special: &[DISCONNECT_TYPE],
    ..Shape::NONE
};

static MESSAGE_DETAILS: Shape = Shape {
    text: "messageId messageTime messageStatus socialVisibility",
    number: "messageSegmentCount",
    objects: &[("errorInfo", &ERROR_DETAILS), ("messageMetadata", &MESSAGE_METADATA)],
    lists: &[("media", &MESSAGE_MEDIA), ("stickers", &MESSAGE_STICKER)],
    ..Shape::NONE
};

static INTERNAL_MESSAGE: Shape = Shape {
    text: "id state initialState provider peerId connectedTime disconnectedTime targetUserId sourceUserId",
    objects: &[("toAddress", &ADDRESS), ("fromAddress", &ADDRESS)],
    lists: &[("messages", &INTERNAL_MESSAGE_DETAILS)],
    special: &[DISCONNECT_TYPE],
    ..Shape::NONE
};

static INTERNAL_MESSAGE_DETAILS: Shape = Shape::text("messageId messageTime");

static SCREEN_MONITORING: Shape = Shape {
    text: "id state initialState provider connectedTime disconnectedTime monitoringType",
    number: "count",
    special: &[
        ("targetUserId", How::IdOf("targetUser")),
        ("screenMonitoringId", How::IdOf("screenMonitoring")),
        DISCONNECT_TYPE,
    ],
    ..Shape::NONE
};

static SCREEN_SHARE: Shape = Shape {
    text: "state initialState id context provider scriptId peerId connectedTime disconnectedTime",
    number: "peerCount",
    flag: "sharing afterCallWorkRequired",
    objects: &[
        ("self", &ADDRESS),
        ("wrapup", &WRAPUP),
        ("afterCallWork", &AFTER_CALL_WORK),
        ("queueMediaSettings", &QUEUE_MEDIA_SETTINGS),
    ],
    special: &[DISCONNECT_TYPE],
    ..Shape::NONE
};

static SOCIAL_EXPRESSION: Shape = Shape {
    text: "state initialState id socialMediaId socialMediaHub socialUserName previewText recordingId \
               provider scriptId peerId startHoldTime connectedTime disconnectedTime",
    flag: "held afterCallWorkRequired",
    objects: &[("wrapup", &WRAPUP), ("afterCallWork", &AFTER_CALL_WORK)],
    special: &[DISCONNECT_TYPE],
    ..Shape::NONE
};

static VIDEO: Shape = Shape {
    text: "state initialState id context provider scriptId peerId connectedTime disconnectedTime",
    number: "peerCount",
    flag: "audioMuted videoMuted sharingScreen afterCallWorkRequired",
    texts: "msids",
    objects: &[
        ("self", &ADDRESS),
        ("wrapup", &WRAPUP),
        ("afterCallWork", &AFTER_CALL_WORK),
        ("queueMediaSettings", &QUEUE_MEDIA_SETTINGS),
    ],
    special: &[DISCONNECT_TYPE],
    ..Shape::NONE
};

static WORKFLOW: Shape = Shape::text("workflowId");

static TRANSFER_RESPONSE: Shape = Shape {
    text: "id dateIssued",
    objects: &[
        ("initiator", &TRANSFER_INITIATOR),
        ("modifiedBy", &TRANSFER_MODIFED_BY),
        ("destination", &TRANSFER_DESTINATION),
    ],
    special: &[("state", How::Lower("state")), ("transferType", How::Lower("transferType"))],
    ..Shape::NONE
};

static TRANSFER_INITIATOR: Shape = Shape::text("userId");

static TRANSFER_MODIFED_BY: Shape = Shape::text("id selfUri");

static TRANSFER_DESTINATION: Shape = Shape::text("userId address");
