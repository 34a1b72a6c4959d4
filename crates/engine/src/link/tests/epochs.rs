//! Every attempt has its epoch: what comes late from an older one changes nothing.

use rstest::rstest;

use super::*;

fn late_news(epoch: u64) -> Vec<Input> {
    vec![
        Input::Identified { epoch, result: Ok(()) },
        Input::Identified { epoch, result: Err(status(401)) },
        Input::ChannelCreated { epoch, result: Ok(None) },
        Input::ChannelCreated { epoch, result: Err(limited(429, Some(60))) },
        Input::Subscribed { epoch, result: Ok(true) },
        Input::Subscribed { epoch, result: Ok(false) },
        Input::Subscribed { epoch, result: Err(status(404)) },
        Input::Opened { epoch },
        Input::NotOpened { epoch, error: refused(403) },
        Input::Heard { epoch, heard: Heard::Pong },
        Input::Heard { epoch, heard: Heard::Closing },
        Input::Heard { epoch, heard: Heard::Evicted },
        Input::Heard { epoch, heard: Heard::Revoked },
        Input::Heard { epoch, heard: Heard::InBand(404) },
        Input::Ended { epoch, end: End::Closed { code: Some(1008), reason: String::new() } },
        Input::Ended { epoch, end: End::Broken(TransportKind::TooLarge) },
    ]
}

fn reconnecting() -> Rig {
    let mut rig = Rig::stable();
    rig.closed(None, "");
    rig
}

fn waiting() -> Rig {
    let mut rig = Rig::stable();
    rig.dice = u64::MAX;
    rig.closed(Some(1012), "");
    rig
}

fn up_again() -> Rig {
    let mut rig = reconnecting();
    rig.finish();
    rig
}

#[rstest]
#[case::creating(reconnecting())]
#[case::waiting(waiting())]
#[case::live(up_again())]
fn what_comes_late_from_an_older_connection_changes_nothing(#[case] mut rig: Rig) {
    rig.now += ms(10);
    let before = (rig.view(), rig.link.deadline());
    for input in late_news(1) {
        assert_eq!(rig.go(input.clone()), [], "{input:?}");
        assert_eq!((rig.view(), rig.link.deadline()), before, "{input:?}");
    }
}

#[test]
fn answers_out_of_turn_change_nothing() {
    let mut rig = Rig::stable();
    let epoch = rig.epoch();
    for input in [
        Input::Identified { epoch, result: Err(status(401)) },
        Input::ChannelCreated { epoch, result: Err(status(500)) },
        Input::Opened { epoch },
        Input::NotOpened { epoch, error: refused(403) },
    ] {
        assert_eq!(rig.go(input), []);
    }
    assert_eq!(rig.state(), LinkState::Connected);
}
