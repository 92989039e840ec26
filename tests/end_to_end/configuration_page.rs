//! `docs/CONFIGURATION.md` is made from the services' own command lines.

use std::{cmp::Reverse, env, fmt::Write, fs, path::Path};

use clap::{Arg, CommandFactory};

/// The programs and the variables that each reads, from clap's own list.
fn services() -> [(&'static str, Vec<Arg>); 5] {
    fn variables<C: CommandFactory>() -> Vec<Arg> {
        C::command().get_arguments().filter(|argument| argument.get_env().is_some()).cloned().collect()
    }
    [
        ("receiver", variables::<receiver::config::Config>()),
        ("image-processor", variables::<image_processor::config::Config>()),
        ("face-recognition", variables::<face_recognition::config::Config>()),
        ("frontend", variables::<frontend::config::Config>()),
        ("migrate", variables::<migrations::config::Config>()),
    ]
}

fn name(argument: &Arg) -> String {
    argument.get_env().expect("arguments without a variable are left out").to_string_lossy().into_owned()
}

fn row(argument: &Arg) -> String {
    let default: Vec<String> =
        argument.get_default_values().iter().map(|value| format!("`{}`", value.to_string_lossy())).collect();
    let meaning = argument.get_help().map(ToString::to_string).unwrap_or_default();
    let default = if default.is_empty() { "–".to_owned() } else { default.join(", ") };
    format!("| `{}` | {default} | {} |\n", name(argument), meaning.replace('|', "\\|"))
}

/// Each variable once, below the services that read it; those of most services first.
fn sections() -> Vec<(Vec<&'static str>, Vec<Arg>)> {
    let services = services();
    let mut sections: Vec<(Vec<&str>, Vec<Arg>)> = Vec::new();
    for argument in services.iter().flat_map(|(_, arguments)| arguments) {
        let reads = |arguments: &[Arg]| arguments.iter().any(|other| name(other) == name(argument));
        let readers: Vec<&str> =
            services.iter().filter(|(_, arguments)| reads(arguments)).map(|(service, _)| *service).collect();
        match sections.iter_mut().find(|(known, _)| *known == readers) {
            Some((_, arguments)) if reads(arguments) => {}
            Some((_, arguments)) => arguments.push(argument.clone()),
            None => sections.push((readers, vec![argument.clone()])),
        }
    }
    sections.sort_by_key(|(readers, _)| Reverse(readers.len()));
    sections
}

/// The page as it should be.
fn configuration_page() -> String {
    let mut page = "# Configuration\n\n\
        Made from the services' own command lines by a test, which writes this page anew with `UPDATE_DOCS=1`.\n\n\
        Every variable is an option too: `RECEIVER_ADDR` is `--receiver-addr`. A file `.env` in the working folder is\n\
        read; the environment wins over it, an option over both. What is wrong is listed at once, before any port is\n\
        bound; the exit code is 64 then.\n"
        .to_owned();
    for (readers, arguments) in sections() {
        let (heading, rows) = (readers.join(", "), arguments.iter().map(row).collect::<String>());
        write!(page, "\n## {heading}\n\n| variable | default | meaning |\n|---|---|---|\n{rows}")
            .expect("a text takes any text");
    }
    page
}

#[test]
fn the_configuration_page_says_what_the_services_read() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/CONFIGURATION.md");
    let page = configuration_page();
    if env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, &page).expect("the page can be written");
    }

    let written = fs::read_to_string(&path).expect("the page is there");

    assert!(written == page, "docs/CONFIGURATION.md is not fresh: run this test with UPDATE_DOCS=1");
}
