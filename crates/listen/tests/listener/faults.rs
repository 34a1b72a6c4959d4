//! That every command of the simulator's control API has a test here: one that is added to it does not compile until it has.

use earshot_simulator::Command;
use serde_json::json;

const TESTS: [&str; 8] = [
    include_str!("access.rs"),
    include_str!("doctor.rs"),
    include_str!("expiries.rs"),
    include_str!("frames.rs"),
    include_str!("hearing.rs"),
    include_str!("minute.rs"),
    include_str!("requests.rs"),
    include_str!("sockets.rs"),
];

fn proved_by(command: &Command) -> &'static str {
    match command {
        Command::Offer(_)
        | Command::HangUp(_)
        | Command::AnsweredElsewhere(_)
        | Command::End(_)
        | Command::Requeue(_)
        | Command::TimeOut(_)
        | Command::ChangeLeg(_)
        | Command::SetPresence(_)
        | Command::SetRoutingStatus(_) => "an_agents_listener_tells_of_everything_that_happens_to_the_agent",
        Command::CloseSockets(_) => "every_close_code_is_survived",
        Command::DropSockets(_) => "a_cut_socket_is_replaced",
        Command::HalfOpen(_) => "half_open_is_noticed_within_twelve_seconds_once_a_ping_was_answered",
        Command::Deaf(_) => "a_deaf_socket_is_found_by_comparison",
        Command::RefuseUpgrades(_) => "refused_upgrades_are_survived_whatever_their_status",
        Command::SendRaw(_) => "what_cannot_be_read_is_counted_and_hearing_goes_on",
        Command::SocketClosing(_) => "an_announced_close_is_a_hand_over_without_a_gap",
        Command::EvictChannels(_) => "three_evictions_are_survived_more_slowly_each_time",
        Command::Events(_) => "a_subscription_that_becomes_active_late_loses_nothing",
        Command::RejectTopic(_) | Command::AllowTopics(_) => "a_rejected_topic_is_named_and_does_not_stop_the_others",
        Command::ExpireTokens(_) => "a_token_that_expires_under_the_socket_is_renewed_once",
        Command::RevokeTokens(_) => "a_service_whose_tokens_are_revoked_gets_another_one",
        Command::TokenLife(_) => "tokens_that_end_before_their_time_lose_no_conversation",
        Command::Idle(_) => "a_stale_token_is_never_refused_twice_for_the_same_cause",
        Command::Channels(_) => "a_channel_that_does_not_live_longer_is_handed_over",
        Command::SocketAuth(_) => "a_gateway_that_wants_the_token_on_the_socket_gets_it_where_it_is_asked_for",
        Command::ClientSecrets(_) => "a_secret_is_rotated_without_a_break",
        Command::Analytics(_) => "what_came_and_went_is_found_in_analytics_that_lag",
        Command::Stream(_) => "a_hundred_token_expiries_lose_nothing_and_repeat_nothing",
        Command::FailTokenEndpoint(_) => "the_token_endpoint_may_answer_500_twice",
        Command::Fail(_) => "retry_after_is_obeyed_to_the_second",
        Command::ClearFaults(_) => "a_missing_permission_is_named_and_not_looped_on",
        Command::Permissions(_) => "without_analytics_the_gap_says_what_nobody_can_look_up",
        Command::Scopes(_) => "a_missing_scope_is_named_and_no_token_is_renewed_for_it",
        Command::RateLimit(_) => "a_rate_limit_delays_and_loses_nothing",
        Command::Offline(_) | Command::Online(_) => "a_network_that_goes_and_comes_back_loses_nothing",
        Command::Skew(_) => "what_is_broken_is_named_and_the_exit_code_says_so",
        // A listener answers nothing, and what the simulator forgets is no fault.
        Command::Answers(_) | Command::Reset(_) => "",
    }
}

#[test]
fn every_fault_has_its_test() {
    let readme = include_str!("../../../simulator/README.md");
    let names = readme.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    let commands: Vec<Command> = names.filter_map(|name| serde_json::from_value(json!({ name: {} })).ok()).collect();
    assert!(commands.len() >= 39, "the README has {} of them", commands.len());
    for command in &commands {
        let test = proved_by(command);
        let found = TESTS.iter().any(|source| source.contains(&format!("async fn {test}()")));
        assert!(found || test.is_empty(), "{command:?}: there is no test {test}");
    }
}
