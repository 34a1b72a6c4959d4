//! `earshot-simulator` as a program.

use serde_json::Value;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Output, Stdio};

fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_earshot-simulator"))
}

fn run(arguments: &[&str]) -> (i32, String) {
    let Output { status, stderr, stdout } = program().args(arguments).output().expect("it runs");
    let text = String::from_utf8_lossy(&stderr).into_owned() + &String::from_utf8_lossy(&stdout);
    (status.code().unwrap_or(-1), text)
}

struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn it_says_where_it_is_and_answers_there() {
    let folder = std::env::temp_dir().join(format!("earshot-simulator-test-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let file = folder.join("token");
    let file_name = file.display().to_string();
    let arguments = ["--port", "0", "--print-ready", "--control-token-file", &file_name, "--practice"];
    let mut running = Running(program().args(arguments).stdout(Stdio::piped()).spawn().expect("it starts"));
    let mut line = String::new();
    BufReader::new(running.0.stdout.take().expect("output")).read_line(&mut line).expect("a line");
    let ready: Value = serde_json::from_str(&line).expect("JSON");
    assert_eq!(ready["client_id"], earshot_simulator::PUBLIC_CLIENT_ID);
    let token = std::fs::read_to_string(&file).expect("the token");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(&file).expect("it is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let url = format!("{}/_simulator/state", ready["base_url"].as_str().expect("an address"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let status = runtime.block_on(async {
        let client = crate::support::http();
        client.get(&url).bearer_auth(token.trim()).send().await.expect("an answer").status().as_u16()
    });
    assert_eq!(status, 200);

    // The port is taken now.
    let port = url.split(':').nth(2).and_then(|r| r.split('/').next()).expect("a port").to_owned();
    let (code, text) = run(&["--port", &port, "--control-token-file", &file_name]);
    assert_eq!(code, 1, "{text}");
    assert!(text.contains(&port) && text.contains("Choose another"), "{text}");
    std::fs::remove_dir_all(&folder).expect("removed");
}

#[test]
fn what_is_wrong_is_said() {
    let folder = std::env::temp_dir().join(format!("earshot-simulator-bad-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let script = folder.join("bad.toml");
    std::fs::write(&script, "name = \"x\"\n[[offer]]\nat = 3\nqueue = \"Nowhere\"\n").expect("written");
    let script = script.display().to_string();
    let (code, text) = run(&["--check", &script]);
    assert_eq!(code, 2, "{text}");
    assert!(text.contains("bad.toml, line 2") && text.contains("Billing"), "{text}");
    let (code, text) = run(&["--script", "/no/such/file.toml"]);
    assert_eq!(code, 2, "{text}");
    assert!(text.contains("/no/such/file.toml"), "{text}");
    let (code, text) = run(&["--port", "many"]);
    assert_eq!(code, 2, "{text}");
    assert!(text.contains("--port"), "{text}");
    let shipped = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/practice.toml");
    let (code, text) = run(&["--check", shipped]);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("offers"), "{text}");
    std::fs::remove_dir_all(&folder).expect("removed");
}
