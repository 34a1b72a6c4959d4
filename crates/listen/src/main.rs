//! The program: reads its arguments, does what they say, and ends with the exit code that the manual page promises.

use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::{CommandFactory as _, Parser as _};
use earshot_listen::arguments::{Arguments, Command, complaint};
use earshot_listen::{audit, doctor, exit, listen, logging};

fn main() -> ExitCode {
    let code = match Arguments::try_parse() {
        Ok(Arguments { command: Some(command), .. }) => other(command),
        Ok(arguments) => match arguments.job() {
            Ok(job) => {
                logging::start();
                listen::run(job)
            }
            Err(error) => usage(&error),
        },
        Err(error) => usage(&error),
    };
    ExitCode::from(code)
}

/// Help and version are answers; everything else is a mistake.
fn usage(error: &clap::Error) -> u8 {
    // If even that cannot be written there is nobody to tell.
    if error.use_stderr() {
        let _ = write!(io::stderr(), "{}", complaint(error));
        exit::USAGE
    } else {
        let _ = error.print();
        exit::OK
    }
}

fn other(command: Command) -> u8 {
    match command {
        Command::Journal(question) => audit::answer(question),
        Command::Doctor(examine) => {
            let json = examine.json;
            match examine.job() {
                Ok(job) => {
                    logging::start();
                    doctor::run(&job, json)
                }
                Err(error) => usage(&error),
            }
        }
        Command::Man => {
            let mut page = Vec::new();
            let made = clap_mangen::Man::new(Arguments::command()).render(&mut page);
            match made.and_then(|()| io::stdout().write_all(&page)) {
                Ok(()) => exit::OK,
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => exit::OK,
                Err(_) => exit::SYSTEM,
            }
        }
    }
}
