//! The machine knows secrets only by their numbers: nothing that goes through it can print one.

use super::*;

#[test]
fn no_channel_and_no_token_text_stands_in_the_debug_of_anything() {
    let mut rig = Rig::up();
    rig.seen.clear();
    rig.frame(system_frame("something_new", None));
    rig.frame(Frame::Text(r#"{"message":"canary-channel"}"#.into()));
    rig.frame(Frame::Text(r#"{"topicName":"canary-channel","#.into()));
    rig.frame(Frame::Text(r#"{"topicName":"v2.users.ada.presence","eventBody":"canary-token"}"#.into()));
    rig.frame(Frame::Binary(b"canary-token".as_slice().into()));
    rig.frame(system_frame("socket_closing", None));
    rig.serve();
    rig.pass(s(20));
    rig.close(Some(1000), "canary-token expired");
    rig.serve();
    rig.frame(Frame::Close { code: Some(1008), reason: "canary-token".into() });
    rig.frame(system_frame("no_longer_subscribed", Some("another_channel_subscribed")));
    rig.serve();
    rig.pass(s(20));
    let told: Vec<_> = rig.seen.iter().chain(&rig.asked).filter(|text| text.contains("canary")).collect();
    assert_eq!(told, [""; 0]);
    assert!(rig.seen.len() > 20, "something has been printed");
}
