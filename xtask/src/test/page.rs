//! The weight of the chat page: the files from the site, the HTML from the program itself, on a data folder of its own.

use std::fs;
use std::net::{IpAddr, Ipv4Addr, TcpListener};

use crate::cli::RunOptions;
use crate::failure::{Done, Failure};
use crate::front::budget::{self, Weight};
use crate::place::Place;
use crate::run::program;
use crate::{process, setup};

/// What the page is made of, as the browser gets it.
pub(crate) fn weigh(place: &Place) -> Done<Vec<Weight>> {
    let mut weights = vec![Weight {
        name: "HTML".to_owned(),
        bytes: html(place)?,
    }];
    weights.extend(budget::weigh(&budget::page_files(place))?);
    Ok(weights)
}

fn html(place: &Place) -> Done<u64> {
    let data = place.target.join("page-data");
    // Left by a run that was killed.
    let _ = fs::remove_dir_all(&data);
    let options = RunOptions {
        host: IpAddr::V4(Ipv4Addr::LOCALHOST),
        port: free_port()?,
        data: data.clone(),
    };
    let address = format!("http://{}:{}", options.host, options.port);
    // A page needs no model; an address where nobody answers loads the fastest.
    let mut program = program::start(
        place,
        &options,
        [("PARLANCE_OPENAI_URL", "http://127.0.0.1:9/v1".into())],
    )?;
    let bytes = program
        .wait_until_it_answers(options.host, options.port)
        .and_then(|()| {
            let mut command = setup::node_program(place, "page.mjs")?;
            process::read(command.arg(&address), "open the chat page", "see its words above")
        });
    program.stop();
    let _ = fs::remove_dir_all(&data);
    let text = bytes?;
    text.trim().parse().map_err(|error| {
        Failure::new(
            "weigh the chat page",
            format_args!("{text}: {error}"),
            "see xtask/npm/page.mjs",
        )
    })
}

fn free_port() -> Done<u16> {
    let wrap = |error: std::io::Error| {
        Failure::new("find a free port", error, "close programs that hold ports open")
    };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(wrap)?;
    Ok(listener.local_addr().map_err(wrap)?.port())
}
