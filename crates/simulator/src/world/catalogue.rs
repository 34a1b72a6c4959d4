//! The inhabitants that never change: organisation, queues, presence definitions, wrap-up codes, agents.

/// A queue of the organisation.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Queue {
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
    pub(crate) wrapup_codes: &'static [usize],
}

/// A presence the organisation defined.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Presence {
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
    /// Pascal, as REST writes it.
    pub(crate) system: &'static str,
    /// Upper case, as events write it.
    pub(crate) system_event: &'static str,
    pub(crate) primary: bool,
}

/// A wrap-up code.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct WrapupCode {
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
}

/// What never changes about an agent.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Profile {
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
    pub(crate) email: &'static str,
    pub(crate) title: &'static str,
    pub(crate) station_id: &'static str,
    pub(crate) station: &'static str,
}

/// Id of the agent Ada Moreno.
pub const ADA: &str = "3d0f6a52-8c1e-4a57-9a0b-ada000000001";
/// Id of the agent Jonas Weber.
pub const JONAS: &str = "3d0f6a52-8c1e-4a57-9a0b-ada000000002";

pub(crate) const ORGANIZATION: &str = "c6a8f1d2-0b35-4e0e-8f19-0a1b2c3d4e5f";
pub(crate) const ORGANIZATION_NAME: &str = "Harbourlight Energy (simulated)";
pub(crate) const DIVISION: &str = "9a1b6c00-2f44-4a6b-b6d1-d00000000001";

pub(crate) const AGENTS: &[Profile] = &[
    Profile {
        id: ADA,
        name: "Ada Moreno",
        email: "ada.moreno@harbourlight.example",
        title: "Customer Care Agent",
        station_id: "7e50b9a0-55aa-4d8c-9a3b-57a710000001",
        station: "Ada's headset",
    },
    Profile {
        id: JONAS,
        name: "Jonas Weber",
        email: "jonas.weber@harbourlight.example",
        title: "Technical Support Agent",
        station_id: "7e50b9a0-55aa-4d8c-9a3b-57a710000002",
        station: "Desk 14",
    },
];

pub(crate) const QUEUES: &[Queue] = &[
    Queue { id: "b1110000-4c3d-4f0a-9b1e-00000000b111", name: "Billing", wrapup_codes: &[0, 1, 4] },
    Queue { id: "7ec40000-4c3d-4f0a-9b1e-000000007ec4", name: "Technical Support", wrapup_codes: &[0, 2, 4] },
    Queue { id: "5a1e0000-4c3d-4f0a-9b1e-000000005a1e", name: "Sales", wrapup_codes: &[0, 3] },
    Queue { id: "ca4e0000-4c3d-4f0a-9b1e-00000000ca4e", name: "Priority Care", wrapup_codes: &[0, 1, 2, 4] },
];

pub(crate) const WRAPUP_CODES: &[WrapupCode] = &[
    WrapupCode { id: "3a9c0000-71e2-4b8f-8d10-0000000000a1", name: "Solved" },
    WrapupCode { id: "3a9c0000-71e2-4b8f-8d10-0000000000a2", name: "Invoice explained" },
    WrapupCode { id: "3a9c0000-71e2-4b8f-8d10-0000000000a3", name: "Technician booked" },
    WrapupCode { id: "3a9c0000-71e2-4b8f-8d10-0000000000a4", name: "Contract changed" },
    WrapupCode { id: "3a9c0000-71e2-4b8f-8d10-0000000000a5", name: "Follow-up needed" },
];

const fn system(id: &'static str, name: &'static str, system: &'static str, event: &'static str) -> Presence {
    Presence { id, name, system, system_event: event, primary: true }
}

/// Where `On Queue` stands in [`PRESENCES`].
pub(crate) const ON_QUEUE: usize = 0;
/// Where `Available` stands in [`PRESENCES`].
pub(crate) const AVAILABLE: usize = 1;

pub(crate) const PRESENCES: &[Presence] = &[
    system("e08eaf1b-ee47-4fa9-a231-1200e284798f", "On Queue", "OnQueue", "ON_QUEUE"),
    system("6a3af858-942f-489d-9700-5f9bcdcdae9b", "Available", "Available", "AVAILABLE"),
    system("5e5c5c66-ea97-4e7f-ac41-6424784829f2", "Away", "Away", "AWAY"),
    system("31fe3bac-dea6-44b7-bed7-47f91660a1a0", "Busy", "Busy", "BUSY"),
    system("227b37e2-f1d0-4dd0-8f50-badd7cf6d158", "Break", "Break", "BREAK"),
    system("3fd96123-badb-4f69-bc03-1b1ccc6d8014", "Meal", "Meal", "MEAL"),
    system("5ee6a6d5-8e7a-4a0f-bc0e-6b1c1f1c3b7a", "Meeting", "Meeting", "MEETING"),
    system("a8a4c5f2-0d4b-4a1a-8b3c-4d0c8d1a6e2f", "Training", "Training", "TRAINING"),
    system("ccf3c10a-aa2c-4845-8e8d-f59fa48c58e5", "Offline", "Offline", "OFFLINE"),
    system("f3d1a2b4-6c7d-4e8f-9a0b-1c2d3e4f5a6b", "Idle", "Idle", "IDLE"),
    Presence {
        id: "10c40000-0c0f-4f5e-9d2a-00000000c4fe",
        name: "Lunch",
        system: "Meal",
        system_event: "MEAL",
        primary: false,
    },
];

/// Finds a queue by id or name.
pub(crate) fn queue(word: &str) -> Option<&'static Queue> {
    QUEUES.iter().find(|q| q.id == word || q.name.eq_ignore_ascii_case(word))
}

/// Finds a presence by id, name or system presence; a primary one first.
pub(crate) fn presence(word: &str) -> Option<usize> {
    PRESENCES.iter().position(|p| p.id == word).or_else(|| {
        PRESENCES.iter().position(|p| {
            p.name.eq_ignore_ascii_case(word)
                || p.system.eq_ignore_ascii_case(word)
                || p.system_event.eq_ignore_ascii_case(word)
        })
    })
}

/// Finds an agent by id, name or e-mail address.
pub(crate) fn agent(word: &str) -> Option<usize> {
    AGENTS.iter().position(|a| a.id == word || a.name.eq_ignore_ascii_case(word) || a.email.eq_ignore_ascii_case(word))
}
