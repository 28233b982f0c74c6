// The peer that `make bench-peers` measures: PouchDB on LevelDB, replicating to express-pouchdb on LevelDB.
//
//   peers.js serve FOLDER                 prints its address, and serves until its input ends
//   peers.js fill FOLDER <LINES           a document a line, into the database "journal"
//   peers.js push FOLDER ADDRESS BATCH    replicates it, as one replication from nothing: prints documents and seconds
"use strict";
const readline = require("readline");
const PouchDB = require("pouchdb");

const FILL = 1000;

async function serve(folder) {
  const Served = PouchDB.defaults({prefix: folder + "/"});
  const app = require("express")();
  app.use("/", require("express-pouchdb")(Served, {mode: "minimumForPouchDB"}));
  const listener = app.listen(0, "127.0.0.1", () => console.log("http://127.0.0.1:" + listener.address().port));
  process.stdin.on("end", () => process.exit(0)).resume();
}

async function fill(folder) {
  const db = new PouchDB(folder + "/journal");
  let documents = [];
  const keep = async () => {
    const answers = await db.bulkDocs(documents);
    if (answers.some(answer => answer.error)) throw new Error("a document can't be kept");
    documents = [];
  };
  for await (const line of readline.createInterface({input: process.stdin})) {
    const record = JSON.parse(line);
    documents.push({_id: `${record.device}-${record.epoch}-${String(record.seq).padStart(9, "0")}`, ...record});
    if (documents.length === FILL) await keep();
  }
  if (documents.length) await keep();
  console.log((await db.info()).doc_count);
  await db.close();
}

async function push(folder, address, batch) {
  const db = new PouchDB(folder + "/journal");
  const began = process.hrtime.bigint();
  const done = await db.replicate.to(address + "/records", batch ? {batch_size: batch} : {});
  const seconds = Number(process.hrtime.bigint() - began) / 1e9;
  if (!done.ok || done.doc_write_failures) throw new Error(JSON.stringify(done));
  const there = await new PouchDB(address + "/records", {skip_setup: true}).info();
  console.log(JSON.stringify({written: done.docs_written, there: there.doc_count, seconds}));
  await db.close();
}

const [word, folder, address, batch] = process.argv.slice(2);
const started = {serve, fill, push}[word](folder, address, Number(batch));
started.catch(error => {
  console.error(error);
  process.exit(1);
});
