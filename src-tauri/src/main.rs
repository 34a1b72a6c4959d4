//! The desktop program: reads its arguments and hands over to the library.

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    earshot::run(&earshot::Arguments::parse())
}
