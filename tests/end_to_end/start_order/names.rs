//! Host names that nobody answers: on a platform, a name is there once what has it has started.

use super::lone::{Environment, Place, waits_for};

/// RFC 2606 keeps `.invalid` free.
fn nowhere(variables: &[(&'static str, &'static str)]) -> Environment {
    variables.iter().map(|(variable, value)| (*variable, (*value).into())).collect()
}

#[tokio::test]
async fn a_service_whose_names_nobody_answers_is_alive_and_says_what_it_waits_for() -> anyhow::Result<()> {
    const DATABASE: (&str, &str) = ("MYSQL_HOST", "mysql.invalid");
    const LOOKUP: (&str, &str) = ("NSQLOOKUPD_ADDRS", "nsqlookupd.invalid:4161");
    let table = [
        ("receiver", vec![DATABASE, ("NSQD_ADDR", "nsqd.invalid:4150")], "queue", "NSQD_ADDR"),
        ("frontend", vec![DATABASE], "database", "MYSQL_HOST"),
        (
            "image-processor",
            vec![DATABASE, LOOKUP, ("RECOGNITION", "dns://recogniser.invalid:50051")],
            "recogniser",
            "RECOGNITION is dns://recogniser.invalid:50051",
        ),
        (
            "image-processor",
            vec![DATABASE, LOOKUP, ("RECOGNITION", "http://recogniser.invalid:50051")],
            "queue",
            "NSQLOOKUPD_ADDRS",
        ),
        (
            "image-processor",
            vec![
                DATABASE,
                ("NSQD_ADDRS", "nsqd.invalid:4150"),
                ("RECOGNITION", "http://recogniser.invalid:1"),
            ],
            "recogniser",
            "recogniser.invalid:1",
        ),
    ];
    for (program, variables, dependency, words) in table {
        let place = Place::new()?;
        let mut service = place.start(program, nowhere(&variables)).await?;

        waits_for(&mut service, dependency, words).await?;
        waits_for(&mut service, "database", "MYSQL_HOST").await?;

        service.stop().await?;
    }
    Ok(())
}
