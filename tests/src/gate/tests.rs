//! What a gate does to real connections.

use std::time::Duration;

use tokio::time::timeout;

use super::*;
use crate::wait;

const DEADLINE: Duration = Duration::from_secs(10);
/// Nothing is to come within this time.
const A_MOMENT: Duration = Duration::from_millis(200);

/// A gate to a server that sends back what it gets, and a connection through it.
async fn echo() -> anyhow::Result<(Gate, TcpStream)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let gate = Gate::open().await?;
    gate.lead_to(Target::Address(listener.local_addr()?));
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let (mut from, mut to) = stream.split();
                tokio::io::copy(&mut from, &mut to).await
            });
        }
    });
    let client = TcpStream::connect(gate.address()).await?;
    Ok((gate, client))
}

async fn read(client: &mut TcpStream, bytes: usize) -> anyhow::Result<Vec<u8>> {
    let mut buffer = vec![0; bytes];
    timeout(DEADLINE, client.read_exact(&mut buffer)).await??;
    Ok(buffer)
}

#[tokio::test]
async fn an_open_gate_carries_bytes_both_ways_and_the_end_too() -> anyhow::Result<()> {
    let (_gate, mut client) = echo().await?;

    client.write_all(b"hello").await?;
    client.shutdown().await?;
    let mut heard = Vec::new();
    timeout(DEADLINE, client.read_to_end(&mut heard)).await??;

    assert_eq!(heard, b"hello");
    Ok(())
}

#[tokio::test]
async fn a_connection_is_cut_within_the_bytes_and_others_after_it_too() -> anyhow::Result<()> {
    let (gate, mut first) = echo().await?;
    first.write_all(b"hello").await?;
    read(&mut first, 5).await?;

    gate.set(Passage::Cut { within: 100 });
    let mut second = TcpStream::connect(gate.address()).await?;
    for client in [&mut first, &mut second] {
        let _cut_meanwhile = client.write_all(&[7; 1_000]).await;
        let mut heard = Vec::new();
        let _reset_or_closed = timeout(DEADLINE, client.read_to_end(&mut heard)).await?;
        assert!(heard.len() < 100, "{} bytes came back", heard.len());
    }

    wait::until("both to be counted", DEADLINE, async || match gate.cut() {
        2 => Ok(()),
        cut => Err(cut),
    })
    .await
}

#[tokio::test]
async fn what_stands_still_comes_when_the_gate_opens() -> anyhow::Result<()> {
    let (gate, mut client) = echo().await?;
    client.write_all(b"before").await?;
    read(&mut client, 6).await?;

    gate.set(Passage::Still);
    client.write_all(b"after").await?;
    let nothing = timeout(A_MOMENT, client.read_u8()).await;
    gate.set(Passage::Open);

    assert!(nothing.is_err(), "{nothing:?}");
    assert_eq!(read(&mut client, 5).await?, b"after");
    assert_eq!(gate.cut(), 0);
    Ok(())
}

#[tokio::test]
async fn a_gate_to_nobody_resets_who_comes() -> anyhow::Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let gate = Gate::open().await?;
    gate.lead_to(Target::Address(listener.local_addr()?));
    drop(listener);

    let mut client = TcpStream::connect(gate.address()).await?;
    let end = timeout(DEADLINE, client.read_u8()).await?;

    assert!(end.is_err(), "{end:?}");
    Ok(())
}

#[test]
fn an_allowance_is_used_up_and_renewed_only_by_opening() {
    let mut allowance = Some(10);
    let cut = Passage::Cut { within: 10 };

    let passed =
        [allow(cut, 4, &mut allowance), allow(cut, 9, &mut allowance), allow(cut, 1, &mut allowance)];
    let open = allow(Passage::Open, 9, &mut allowance);

    assert_eq!((passed, open, allowance), ([4, 6, 0], 9, None));
}
