//! Puts together what the pages draw.

use std::collections::BTreeMap;

use earshot_engine::snapshot::{Notice, Severity, Snapshot, Trouble};

use crate::ipc::{AppView, NotRespondingView, SoundView, Stage};
use crate::keeper::Kept;
use crate::overrides::Overrides;
use crate::settings::Settings;

/// All that a view is made of.
pub(crate) struct Parts<'a> {
    /// The session's newest snapshot.
    pub(crate) snapshot: Option<&'a Snapshot>,
    pub(crate) not_responding: Option<NotRespondingView>,
    /// The session is the practice contact centre's.
    pub(crate) practice: bool,
    pub(crate) start_at_login: bool,
    pub(crate) settings_open: bool,
    /// When a browser that is open is given up.
    pub(crate) signing_in_until: Option<i64>,
    /// A sign-in from before is being looked for.
    pub(crate) resuming: bool,
    /// Why the last sign-in failed, or the session ended.
    pub(crate) trouble: Option<&'a Trouble>,
    /// What came of signing out.
    pub(crate) farewell: Option<&'a Notice>,
    pub(crate) settings: &'a Settings,
    pub(crate) overrides: &'a Overrides,
    pub(crate) settings_trouble: Option<&'a Trouble>,
    pub(crate) sound_trouble: Option<&'a Trouble>,
    /// What a person should know about this computer, by subject.
    pub(crate) remarks: &'a BTreeMap<&'static str, Notice>,
    pub(crate) kept: &'a Kept,
}

/// The view with these parts.
pub(crate) fn assemble(revision: u64, parts: &Parts<'_>) -> AppView {
    let mut snapshot = parts.snapshot.cloned();
    let stage = match (parts.signing_in_until, &mut snapshot) {
        (Some(until), _) => Stage::SigningIn { until },
        (None, Some(snapshot)) => {
            // A renewed sign-in that failed leaves the agent on the desk: the reason goes with the other notices.
            let notice = parts.trouble.map(|trouble| Notice { severity: Severity::Warning, trouble: trouble.clone() });
            snapshot.notices.extend(notice);
            // What is practised is not on record.
            let unkept = parts.kept.trouble.clone().filter(|_| !parts.practice);
            snapshot.notices.extend(unkept.map(|trouble| Notice { severity: Severity::Warning, trouble }));
            snapshot.notices.extend(parts.remarks.values().cloned());
            Stage::Desk
        }
        (None, None) if parts.resuming => Stage::Resuming,
        (None, None) => Stage::SignedOut { trouble: parts.trouble.cloned(), farewell: parts.farewell.cloned() },
    };
    AppView {
        revision,
        stage,
        snapshot,
        not_responding: parts.not_responding,
        practice: parts.practice,
        settings: parts.overrides.view(parts.settings, parts.settings_trouble.cloned()),
        settings_open: parts.settings_open,
        sound: SoundView {
            ring: parts.settings.ring,
            volume: parts.settings.volume,
            trouble: parts.sound_trouble.cloned(),
        },
        start_at_login: parts.start_at_login,
        deaf_today: parts.kept.deaf.filter(|_| parts.snapshot.is_some() && !parts.practice),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ipc::DeafView;
    use crate::trouble::trouble;

    static NO_REMARKS: BTreeMap<&'static str, Notice> = BTreeMap::new();
    const NOTHING: &Kept = &Kept { ready: true, deaf: None, trouble: None };

    fn parts<'a>(settings: &'a Settings, overrides: &'a Overrides) -> Parts<'a> {
        Parts {
            snapshot: None,
            not_responding: None,
            practice: false,
            start_at_login: false,
            settings_open: false,
            signing_in_until: None,
            resuming: false,
            trouble: None,
            farewell: None,
            settings,
            overrides,
            settings_trouble: None,
            sound_trouble: None,
            remarks: &NO_REMARKS,
            kept: NOTHING,
        }
    }

    #[test]
    fn the_stage_follows_from_what_there_is() {
        let (settings, overrides) = (Settings::default(), Overrides::default());
        let snapshot = Snapshot::default();
        let why = trouble("denied", "You said no.", None, true);

        let view = assemble(1, &Parts { trouble: Some(&why), ..parts(&settings, &overrides) });
        assert!(matches!(view.stage, Stage::SignedOut { trouble: Some(found), .. } if found == why));

        let view = assemble(2, &Parts { signing_in_until: Some(5), ..parts(&settings, &overrides) });
        assert!(matches!(view.stage, Stage::SigningIn { until: 5 }));

        let view = assemble(3, &Parts { snapshot: Some(&snapshot), ..parts(&settings, &overrides) });
        assert!(matches!(view.stage, Stage::Desk));
        assert!(view.snapshot.is_some_and(|snapshot| snapshot.notices.is_empty()));
    }

    #[test]
    fn offers_stay_visible_while_signing_in_again() {
        let (settings, overrides) = (Settings::default(), Overrides::default());
        let snapshot = Snapshot { offers: vec![crate::testing::offer("a")], ..Snapshot::default() };
        let view = assemble(
            1,
            &Parts { snapshot: Some(&snapshot), signing_in_until: Some(5), ..parts(&settings, &overrides) },
        );
        assert!(matches!(view.stage, Stage::SigningIn { .. }));
        assert_eq!(view.snapshot.map_or(0, |snapshot| snapshot.offers.len()), 1);
    }

    #[test]
    fn a_failed_renewal_is_a_notice_on_the_desk() {
        let (settings, overrides) = (Settings::default(), Overrides::default());
        let (snapshot, why) = (Snapshot::default(), trouble("denied", "You said no.", None, true));
        let view =
            assemble(1, &Parts { snapshot: Some(&snapshot), trouble: Some(&why), ..parts(&settings, &overrides) });
        assert!(matches!(view.stage, Stage::Desk));
        assert_eq!(view.snapshot.map(|snapshot| snapshot.notices.len()), Some(1));
    }

    #[test]
    fn a_record_that_is_not_kept_is_a_notice_and_practice_has_none() {
        let (settings, overrides) = (Settings::default(), Overrides::default());
        let snapshot = Snapshot::default();
        let deaf = DeafView { day: 0, closed: 4000, gaps: 2, missed: 0, settled: true, since: None };
        let full = trouble("journal.held", "Held.", None, true);
        let kept = Kept { ready: true, deaf: Some(deaf), trouble: Some(full) };
        let on_desk = Parts { snapshot: Some(&snapshot), kept: &kept, ..parts(&settings, &overrides) };
        let view = assemble(1, &on_desk);
        assert_eq!(view.deaf_today, Some(deaf));
        let notices = view.snapshot.map(|snapshot| snapshot.notices).unwrap_or_default();
        assert_eq!(notices.iter().map(|notice| notice.trouble.code.as_str()).collect::<Vec<_>>(), ["journal.held"]);
        let view = assemble(2, &Parts { practice: true, ..on_desk });
        assert_eq!((view.deaf_today, view.snapshot.map(|snapshot| snapshot.notices.len())), (None, Some(0)));
        let view = assemble(3, &Parts { kept: &kept, ..parts(&settings, &overrides) });
        assert_eq!(view.deaf_today, None, "nobody is signed in");
    }

    #[test]
    fn remarks_about_this_computer_stand_on_the_desk() {
        let (settings, overrides, snapshot) = (Settings::default(), Overrides::default(), Snapshot::default());
        let remark = Notice { severity: Severity::Info, trouble: trouble("tray.none", "No tray.", None, true) };
        let remarks = BTreeMap::from([("tray", remark)]);
        let view = assemble(1, &Parts { snapshot: Some(&snapshot), remarks: &remarks, ..parts(&settings, &overrides) });
        let notices = view.snapshot.map(|snapshot| snapshot.notices).unwrap_or_default();
        assert_eq!(notices.iter().map(|notice| notice.trouble.code.as_str()).collect::<Vec<_>>(), ["tray.none"]);
    }
}
