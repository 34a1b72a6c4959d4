//! The command line: help, the manual page, and what is wrong.

use std::process::Output;

use crate::bench::program;

fn run(arguments: &[&str]) -> (Option<i32>, String, String) {
    let Output { status, stdout, stderr } = program().args(arguments).output().expect("the program starts");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (status.code(), text(stdout), text(stderr))
}

/// Every option of the interface, to the letter.
const OPTIONS: [&str; 12] = [
    "--login-url",
    "--api-url",
    "--region",
    "--grant",
    "--client-id",
    "--client-secret-file",
    "--refresh-token-file",
    "--access-token-file",
    "--topic",
    "--socket-auth",
    "--journal",
    "--journal-bodies",
];

#[test]
fn help_names_every_option_and_says_that_none_takes_a_secret() {
    let (code, help, errors) = run(&["--help"]);
    assert_eq!((code, errors.as_str()), (Some(0), ""));
    for option in OPTIONS.iter().chain(&["client-credentials", "refresh-token", "access-token", "verify"]) {
        assert!(help.contains(option) || *option == "verify", "{option}");
    }
    assert!(help.contains("Secrets are never given on the command line"));
    let (code, help, _) = run(&["journal", "--help"]);
    assert_eq!(code, Some(0));
    for question in ["verify", "export", "report"] {
        assert!(help.contains(question), "{question}: {help}");
    }
    assert_eq!(run(&["--version"]).0, Some(0));
}

#[test]
fn the_manual_page_is_one_and_names_every_option() {
    let (code, page, _) = run(&["man"]);
    assert_eq!(code, Some(0));
    assert!(page.contains(".TH earshot-listen 1"), "{page}");
    for option in OPTIONS {
        assert!(page.contains(&option.replace('-', "\\-")), "{option}");
    }
    for word in ["EARSHOT_LOG", "sign_in_needed", "73"] {
        assert!(page.contains(word), "{word}");
    }
    let kept = include_str!("../../../../docs/man/earshot-listen.1");
    assert!(
        page == kept,
        "docs/man/earshot-listen.1 is not up to date: earshot-listen man > docs/man/earshot-listen.1"
    );
}

#[test]
fn what_makes_no_sense_is_64_with_a_sentence_and_the_usage() {
    let place = ["--region", "mypurecloud.de"];
    let service = ["--grant", "client-credentials", "--client-id", "c", "--client-secret-file", "f"];
    let with = |rest: &[&'static str]| [&place[..], &service[..], rest].concat();
    for (arguments, says) in [
        (vec![], "--grant"),
        (vec!["--grant", "client-credentials"], "--region"),
        (vec!["--region", "my pure cloud", "--grant", "access-token", "--access-token-file", "f"], "my pure cloud"),
        (
            vec![
                "--login-url",
                "http://login.example",
                "--api-url",
                "http://api.example",
                "--grant",
                "access-token",
                "--access-token-file",
                "f",
            ],
            "http",
        ),
        (with(&[]), "--topic"),
        (with(&["--topic", "a b"]), "no topic"),
        (with(&["--topic", "v2.x", "--socket-auth", "cookie"]), "cookie"),
        (with(&["--topic", "v2.x", "--journal-bodies"]), "--journal"),
        (with(&["--topic", "v2.x", "--client-secret", "canary"]), "--client-secret"),
        (vec!["journal", "burn", "f"], "burn"),
        (vec!["journal", "verify"], "FILE"),
    ] {
        let (code, output, errors) = run(&arguments);
        assert_eq!((code, output.as_str()), (Some(64), ""), "{arguments:?}: {errors}");
        assert!(errors.contains(says) && errors.contains("Usage:"), "{arguments:?}: {errors}");
    }
}

#[test]
fn a_help_that_nobody_reads_is_no_failure() {
    let mut child = program().arg("man").spawn().expect("the program starts");
    drop(child.stdout.take());
    assert_eq!(child.wait().expect("it ends").code(), Some(0));
}
