//! How fast backups and feeds are decoded, in bytes a second.

use std::hint::black_box;

use chrono::NaiveDate;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use numwatch::server::importer::{
    decode::{
        backup::{BackupDecoder, BackupSink},
        calendar::Calendar,
        feed::{Question, decode_day},
        record::{GameRecord, Oddity, Reject, ResultRecord},
    },
    generate,
};

/// Looks at every record and keeps none.
struct Discard;

impl BackupSink for Discard {
    fn game(&mut self, position: u64, game: GameRecord<'_>) {
        black_box((position, game));
    }
    fn result(&mut self, position: u64, result: ResultRecord<'_>) {
        black_box((position, result));
    }
    fn reject(&mut self, reject: Reject) {
        black_box(reject);
    }
    fn odd(&mut self, oddity: Oddity) {
        black_box(oddity);
    }
    fn metadata(&mut self, filename: Option<String>, file_size: Option<i64>) {
        black_box((filename, file_size));
    }
}

fn decode(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("decode");

    let today = NaiveDate::from_ymd_opt(2025, 6, 27).expect("a date");
    let calendar = Calendar::new(today);
    let mut backup = Vec::new();
    generate::backup(200, 200_000, &mut backup).expect("a Vec can be written to");
    group.throughput(Throughput::Bytes(backup.len() as u64));
    group.sample_size(20);
    for chunk_size in [8 << 10, 64 << 10, 1 << 20] {
        group.bench_function(
            format!("backup in chunks of {} KiB", chunk_size >> 10),
            |bencher| {
                bencher.iter(|| {
                    let mut decoder = BackupDecoder::new(calendar);
                    for chunk in backup.chunks(chunk_size) {
                        decoder
                            .push(chunk, &mut Discard)
                            .expect("a generated backup is sound");
                    }
                    decoder.finish().expect("a generated backup is whole")
                });
            },
        );
    }

    let day = include_bytes!("../src/server/importer/responseData.json");
    group.throughput(Throughput::Bytes(day.len() as u64));
    group.bench_function("feed", |bencher| {
        let question = Question {
            day: None,
            calendar,
        };
        bencher.iter(|| decode_day(black_box(day), question));
    });
    group.finish();
}

criterion_group!(benches, decode);
criterion_main!(benches);
