//! What each scope and permission is for: the one list that the self-check and the administrator's guide are made of.

use crate::Needs;

/// A right, what it is for, and how bad it is without.
#[derive(Debug, Clone, Copy)]
pub struct Right {
    /// Any one of these will do; the first is the one to grant.
    pub any_of: &'static [&'static str],
    /// What is lost without it, as the end of "without it …".
    pub lost: &'static str,
    /// How bad that is.
    pub weight: Weight,
    /// A listener without a desk needs it too.
    pub listener: bool,
}

/// How bad it is to be without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// Earshot does not work.
    Essential,
    /// Something an agent expects does not work.
    Wanted,
    /// Few have it, and few miss it.
    Extra,
}

/// Scopes of the OAuth client.
pub const SCOPES: &[Right] = &[
    Right { any_of: &["notifications"], lost: "Earshot hears nothing", weight: Weight::Essential, listener: true },
    Right {
        any_of: &["conversations", "conversations:readonly"],
        lost: "no offer can be shown or looked up",
        weight: Weight::Essential,
        listener: true,
    },
    Right {
        any_of: &["conversations"],
        lost: "nobody can answer or decline",
        weight: Weight::Essential,
        listener: false,
    },
    Right {
        any_of: &["users", "users:readonly", "user-basic-info"],
        lost: "Earshot does not know whose offers to hear",
        weight: Weight::Essential,
        listener: true,
    },
    Right {
        any_of: &["users"],
        lost: "Back on queue cannot clear Not Responding",
        weight: Weight::Wanted,
        listener: false,
    },
    Right {
        any_of: &["presence"],
        lost: "presence and on-queue cannot be changed",
        weight: Weight::Wanted,
        listener: false,
    },
    Right {
        any_of: &["analytics:readonly", "analytics"],
        lost: "what was missed in a gap is counted, without its details",
        weight: Weight::Extra,
        listener: true,
    },
];

/// Permissions of the agent's roles.
pub const PERMISSIONS: &[Right] = &[
    Right {
        any_of: &[
            "conversation:participant:wrapup",
            "conversation:call:record",
            "conversation:communication:disconnect",
        ],
        lost: "nobody can answer or decline",
        weight: Weight::Wanted,
        listener: false,
    },
    Right {
        any_of: &["routing:agent:onQueue"],
        lost: "the agent cannot go on queue",
        weight: Weight::Wanted,
        listener: false,
    },
    Right {
        any_of: &["conversation:communication:blindTransfer"],
        lost: "a colleague's direct call cannot be declined to voicemail",
        weight: Weight::Wanted,
        listener: false,
    },
    Right {
        any_of: &["conversation:communication:view"],
        lost: "an ended conversation of an unusual kind cannot be read again",
        weight: Weight::Extra,
        listener: true,
    },
    Right {
        any_of: &["analytics:conversationDetail:view"],
        lost: "what was missed in a gap is counted, without its details",
        weight: Weight::Extra,
        listener: true,
    },
];

/// Which rights are missing.
#[must_use]
pub fn missing<'a>(rights: &'a [Right], granted: &[String], needs: Needs) -> Vec<&'a Right> {
    let concerns = |right: &&Right| needs == Needs::Desk || right.listener;
    let lacks = |right: &&Right| !right.any_of.iter().any(|name| granted.iter().any(|has| covers(has, name)));
    rights.iter().filter(concerns).filter(lacks).collect()
}

/// `conversation:*:*` covers `conversation:call:record`. Case is of no matter: Genesys itself is not of one mind.
fn covers(has: &str, wanted: &str) -> bool {
    let (mut has, mut wanted) = (has.split(':'), wanted.split(':'));
    loop {
        match (has.next(), wanted.next()) {
            (None, None) => return true,
            (Some("*"), _) if has.clone().next().is_none() => return true,
            (Some("*"), Some(_)) => {}
            (Some(a), Some(b)) if a.eq_ignore_ascii_case(b) => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("conversation:call:record", "conversation:call:record", true)]
    #[case("conversation:*:*", "conversation:call:record", true)]
    #[case("conversation:*", "conversation:call:record", true)]
    #[case("conversation:call:*", "conversation:call:record", true)]
    #[case("conversation:call:*", "conversation:participant:wrapup", false)]
    #[case("Routing:Agent:onqueue", "routing:agent:onQueue", true)]
    #[case("users:readonly", "users", false)]
    #[case("users", "users:readonly", false)]
    #[case("", "users", false)]
    fn what_covers_what(#[case] has: &str, #[case] wanted: &str, #[case] does: bool) {
        assert_eq!(covers(has, wanted), does);
    }

    #[test]
    fn a_listener_needs_less() {
        let granted = ["notifications", "users:readonly", "conversations:readonly"].map(str::to_owned);
        let lost = |needs| missing(SCOPES, &granted, needs).iter().map(|right| right.weight).collect::<Vec<_>>();
        assert_eq!(lost(Needs::Hearing), [Weight::Extra]);
        assert_eq!(lost(Needs::Desk), [Weight::Essential, Weight::Wanted, Weight::Wanted, Weight::Extra]);
    }
}
