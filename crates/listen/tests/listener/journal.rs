//! With a journal: what is printed is in it, it can be asked, and the time between two runs is owed.

use std::path::Path;

use earshot_engine::journal::{Range, export, verify};
use earshot_simulator::{Offer, Options};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::bench::{Line, Listener, Stage, ask_journal, options};

/// All records of a journal, from first to last.
pub(crate) fn records(path: &Path) -> Vec<Value> {
    let mut text = Vec::new();
    export(path, &mut text, Range::default()).expect("it can be read");
    text.split(|&byte| byte == b'\n')
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_slice(line).expect("JSON"))
        .collect()
}

fn millis(time: &Value) -> i64 {
    time.as_str().and_then(|time| time.parse::<jiff::Timestamp>().ok()).expect("a time").as_millisecond()
}

/// Whether this record is what the line was made of.
fn is(record: &Value, line: &Line) -> bool {
    let (payload, value) = (&record["payload"], &line.value);
    let at_the_same_time = || record["at"] == millis(&value["at"]);
    if record["kind"] != value["type"] {
        return false;
    }
    match value["type"].as_str() {
        Some("link") => at_the_same_time() && payload["state"] == value["state"],
        Some("topic") => payload["topic"] == value["topic"] && payload["permitted"] == (value["state"] == "permitted"),
        Some("gap") => {
            payload["from"] == millis(&value["from"])
                && payload["to"] == millis(&value["to"])
                && ["recovered", "missed", "settled"].iter().all(|key| payload[*key] == value[*key])
        }
        Some("event") => {
            let body = line.body();
            let hash =
                Sha256::digest(body.as_bytes()).iter().fold(String::new(), |hash, byte| hash + &format!("{byte:02x}"));
            at_the_same_time()
                && payload["topic"] == value["topic"]
                && payload["source"] == value["source"]
                && payload["length"] == body.len()
                && payload["sha256"] == hash
        }
        other => panic!("a line of type {other:?}"),
    }
}

/// Holds printed lines against a journal's records, from this one on: each is in it, in the same order. Says where they end.
pub(crate) fn holds(records: &[Value], mut from: usize, lines: &[Line]) -> usize {
    for line in lines {
        let found = records[from..].iter().position(|record| is(record, line));
        let Some(found) = found else {
            panic!("printed, and not in the journal after record {from}: {:.500}", line.text)
        };
        from += found + 1;
    }
    from
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_printed_is_in_the_journal_and_the_journal_can_be_asked() {
    let stage = Stage::new(options()).await;
    let path = stage.path("journals/audit.db");
    let mut command = stage.service();
    command.arg("--journal").arg(&path);
    let listener = Listener::start(command);
    listener.connected(1).await;
    let conversation = stage.offer();
    listener.heard(&conversation).await;
    stage.control.drop_sockets();
    listener.gap(1).await;
    stage.control.end(&conversation).expect("ended");
    listener.until("the end", |_| (listener.states(&conversation).last()? == "disconnected").then_some(())).await;
    // It can be asked while it is written.
    let (code, answer, errors) = ask_journal("verify", &path);
    assert_eq!((code, errors.as_str()), (0, ""), "{answer}");
    let lines = listener.finish().await;
    let records = records(&path);
    holds(&records, 0, &lines);
    let late = records.iter().any(|record| record["kind"] == "late" || record["late"].as_u64() > Some(0));
    let all_safe = lines.iter().all(|line| line.value["journalled"] != false);
    assert!(all_safe || late, "only a slow disk makes a line come before its record is safe, and that is on record");
    assert_eq!(records.last().unwrap()["kind"], "stopped");

    let (code, verified, _) = ask_journal("verify", &path);
    let verified: Value = serde_json::from_str(&verified).expect("one JSON object");
    assert_eq!((code, verified["records"].as_u64()), (0, Some(records.len() as u64)));
    let (code, exported, _) = ask_journal("export", &path);
    assert_eq!((code, exported.lines().count()), (0, records.len()));
    let (code, table, _) = ask_journal("report", &path);
    assert_eq!(code, 0);
    assert!(table.contains("Deaf") && table.contains("Total"), "{table}");
    let mut program = crate::bench::program();
    program.args(["journal", "report", "--json", "--zone", "Europe/Berlin"]).arg(&path);
    let report: Value = serde_json::from_slice(&program.output().expect("it starts").stdout).expect("one JSON object");
    assert_eq!((&report["total"]["gaps"], &report["zone"]), (&1.into(), &"Europe/Berlin".into()), "{report}");
    let customer = exported.contains(crate::bench::CUSTOMER);
    assert!(!customer, "without bodies there is no customer in it");
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_are_kept_when_asked_for_as_they_came() {
    let stage = Stage::new(options()).await;
    let path = stage.path("audit.db");
    let mut command = stage.service();
    command.arg("--journal").arg(&path).arg("--journal-bodies");
    let listener = Listener::start(command);
    listener.connected(1).await;
    let conversation = stage.offer();
    let line = listener.heard(&conversation).await;
    listener.finish().await;
    let connection = rusqlite::Connection::open(&path).expect("a database");
    let body: String = connection.query_row("SELECT body FROM body LIMIT 1", [], |row| row.get(0)).expect("a body");
    assert_eq!(body, line.body());
    assert!(verify(&path, None).expect("readable").is_whole());
}

#[tokio::test(flavor = "multi_thread")]
async fn started_again_it_owes_the_time_between() {
    let stage = Stage::new(Options { alerting: std::time::Duration::from_secs(60), ..options() }).await;
    let path = stage.path("audit.db");
    let command = || {
        let mut command = stage.service();
        command.arg("--journal").arg(&path);
        command
    };
    let mut first = Listener::start(command());
    first.connected(1).await;
    let known = stage.offer();
    first.heard(&known).await;
    // It is not asked to end: the computer is switched off.
    first.kill().await;
    stage.control.end(&known).expect("ended");
    let offer = Offer { patience_seconds: Some(0.2), ..Offer::default() };
    let came_and_went = stage.control.offer(offer).expect("an offer").conversation;
    let still_there = stage.offer();
    stage
        .until("one is over", |state| {
            let of = |c: &&Value| c["id"] == came_and_went.as_str();
            state["conversations"].as_array().unwrap().iter().find(of).is_none_or(|c| c["ended"] == true)
        })
        .await;
    let second = Listener::start(command());
    for conversation in [&known, &came_and_went, &still_there] {
        assert_eq!(second.heard(conversation).await.value["source"], "recovered");
    }
    let gap = second.gap(1).await;
    assert_eq!(gap["causes"][0], "not.running");
    let last = first.lines().iter().filter(|line| line.is("event")).map(|line| millis(&line.value["at"])).max();
    assert!(Some(millis(&gap["from"])) >= last, "not before what was heard last: {gap}");
    assert_eq!(second.states(&known).last().map(String::as_str), Some("disconnected"));
    let lines = second.finish().await;
    let records = records(&path);
    let end = holds(&records, 0, &first.lines());
    holds(&records, end, &lines);
    assert!(verify(&path, None).expect("readable").is_whole());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_journal_that_another_program_keeps_is_refused() {
    let stage = Stage::new(options()).await;
    let path = stage.path("audit.db");
    let command = || {
        let mut command = stage.service();
        command.arg("--journal").arg(&path);
        command
    };
    let first = Listener::start(command());
    first.connected(1).await;
    let mut second = Listener::start(command());
    assert_eq!(second.ended().await.code(), Some(73), "{}", second.told());
    let errors = second.errors();
    assert_eq!(errors.lines().count(), 1, "{errors}");
    assert!(errors.contains(&first.pid().to_string()), "it names who has it: {errors}");
    assert!(second.lines().is_empty());
    first.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_journal_is_moved_aside_and_hearing_goes_on() {
    let stage = Stage::new(options()).await;
    let path = stage.file("audit.db", &"this is no database ".repeat(1_000));
    std::fs::write(&path, [b"SQLite format 3\0".to_vec(), vec![0xA5; 20_000]].concat()).expect("written");
    let mut command = stage.service();
    command.arg("--journal").arg(&path);
    let listener = Listener::start(command);
    listener.connected(1).await;
    listener.heard(&stage.offer()).await;
    listener.says("it is said", |errors| errors.contains("moved aside")).await;
    let lines = listener.finish().await;
    holds(&records(&path), 0, &lines);
    let aside = |name: &str| name.starts_with("audit.db.corrupt-");
    let names = std::fs::read_dir(stage.folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
    assert!(names.into_iter().any(|name| aside(&name.to_string_lossy())), "what was there is kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_journal_is_told_from_a_sound_one() {
    let stage = Stage::new(options()).await;
    let path = stage.path("audit.db");
    let mut command = stage.service();
    command.arg("--journal").arg(&path);
    let listener = Listener::start(command);
    listener.connected(1).await;
    listener.finish().await;
    let (code, anchor, _) = ask_journal("verify", &path);
    assert_eq!(code, 0);
    let anchor = stage.file("anchor", &anchor);
    let connection = rusqlite::Connection::open(&path).expect("a database");
    connection.execute_batch("DROP TRIGGER append_only").expect("whoever can write the file can do that");
    // An end that is cut off is a chain without a fault: only the anchor knows of it.
    connection.execute("DELETE FROM record WHERE seq = (SELECT max(seq) FROM record)", []).expect("deleted");
    assert_eq!(ask_journal("verify", &path).0, 0);
    let with_anchor = crate::bench::program()
        .args(["journal", "verify"])
        .arg(&path)
        .arg("--anchor")
        .arg(&anchor)
        .output()
        .expect("the program starts");
    assert_eq!(with_anchor.status.code(), Some(1));
    connection.execute("UPDATE record SET payload = '{}' WHERE seq = 3", []).expect("changed");
    let (code, answer, errors) = ask_journal("verify", &path);
    assert_eq!(code, 1, "{answer}");
    assert!(errors.contains("record 3 was changed"), "{errors}");

    assert_eq!(ask_journal("verify", &stage.path("nowhere")).0, 66);
    assert_eq!(ask_journal("export", &stage.file("text", "no journal")).0, 66);
}
