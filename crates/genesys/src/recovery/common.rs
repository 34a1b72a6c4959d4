//! Parts that the generic and the flat form of a conversation share, as their events have them: allow-lists of fields.
//! For recovery.

use super::shape::Shape;

pub(super) static URI_REFERENCE: Shape = Shape::text("id name");

pub(super) static WRAPUP: Shape =
    Shape { text: "code notes endTime", number: "durationSeconds", texts: "tags", ..Shape::NONE };

pub(super) static CONVERSATION_ROUTING_DATA: Shape = Shape {
    text: "skillExpressionId",
    number: "priority",
    objects: &[("queue", &URI_REFERENCE), ("language", &URI_REFERENCE)],
    lists: &[("skills", &URI_REFERENCE), ("scoredAgents", &SCORED_AGENT)],
    ..Shape::NONE
};

pub(super) static SCORED_AGENT: Shape = Shape { number: "score", objects: &[("agent", &URI_REFERENCE)], ..Shape::NONE };

pub(super) static JOURNEY_CONTEXT: Shape = Shape {
    objects: &[
        ("customer", &JOURNEY_CUSTOMER),
        ("customerSession", &JOURNEY_CUSTOMER_SESSION),
        ("triggeringAction", &JOURNEY_ACTION),
    ],
    ..Shape::NONE
};

pub(super) static JOURNEY_CUSTOMER: Shape = Shape::text("id idType");

pub(super) static JOURNEY_CUSTOMER_SESSION: Shape = Shape::text("id type");

pub(super) static JOURNEY_ACTION: Shape =
    Shape { text: "id", objects: &[("actionMap", &JOURNEY_ACTION_MAP)], ..Shape::NONE };

pub(super) static JOURNEY_ACTION_MAP: Shape = Shape { text: "id", number: "version", ..Shape::NONE };

pub(super) static QUEUE_MEDIA_SETTINGS: Shape = Shape {
    number: "alertingTimeoutSeconds autoAnswerAlertToneSeconds manualAnswerAlertToneSeconds",
    flag: "enableAutoAnswer",
    ..Shape::NONE
};

pub(super) static RECORDERS_STATE: Shape =
    Shape::text("adhocState customerExperienceState agentExperienceState snippetState");

pub(super) static DISPOSITION: Shape = Shape {
    text: "name analyzer",
    objects: &[("amdTimeout", &DISPOSITION_AMD_TIMEOUT), ("silentCallTimeout", &DISPOSITION_SILENT_CALL_TIMEOUT)],
    ..Shape::NONE
};

pub(super) static DISPOSITION_AMD_TIMEOUT: Shape =
    Shape { text: "timerStartEvent", number: "timeoutMs timerStartTime timerEndTime", ..Shape::NONE };

pub(super) static DISPOSITION_SILENT_CALL_TIMEOUT: Shape =
    Shape { number: "timeoutMs timerStartTime timerEndTime", ..Shape::NONE };

pub(super) static CONVERSATION_DIVISION_MEMBERSHIP: Shape =
    Shape { objects: &[("division", &DOMAIN_ENTITY_REF)], lists: &[("entities", &DIVISION_ENTITY_REF)], ..Shape::NONE };

pub(super) static DOMAIN_ENTITY_REF: Shape = Shape::text("id selfUri");

pub(super) static DIVISION_ENTITY_REF: Shape = Shape::text("id selfUri dateDivisionUpdated");

pub(super) static DIALER_PREVIEW: Shape = Shape {
    text: "id contactId contactListId campaignId",
    lists: &[("phoneNumberColumns", &PHONE_NUMBER_COLUMN)],
    ..Shape::NONE
};

pub(super) static PHONE_NUMBER_COLUMN: Shape = Shape::text("columnName type");

pub(super) static VOICEMAIL: Shape = Shape::text("id uploadStatus");

pub(super) static MESSAGE_MEDIA: Shape =
    Shape { text: "url mediaType name id", number: "contentLengthBytes", ..Shape::NONE };

pub(super) static MESSAGE_STICKER: Shape = Shape::text("url id");

pub(super) static ERROR_DETAILS: Shape = Shape {
    text: "code message messageWithParams contextId uri",
    number: "status",
    dictionaries: "messageParams",
    ..Shape::NONE
};

pub(super) static MESSAGE_METADATA: Shape = Shape {
    text: "type",
    lists: &[("events", &MESSAGE_METADATA_EVENT), ("content", &MESSAGE_METADATA_CONTENT)],
    ..Shape::NONE
};

pub(super) static MESSAGE_METADATA_EVENT: Shape = Shape::text("eventType subType");

pub(super) static MESSAGE_METADATA_CONTENT: Shape = Shape::text("contentType subType");

pub(super) static ATTACHMENT: Shape =
    Shape { text: "attachmentId name contentUri contentType", number: "contentLength", ..Shape::NONE };
