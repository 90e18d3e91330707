//! The command line of hubflow.

mod cli;

fn main() -> std::process::ExitCode {
    cli::main()
}
