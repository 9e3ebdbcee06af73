// nodemailer's pool with ready-made messages: node peers.mjs FOLDER PORT MESSAGES CONNECTIONS FILE
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const [folder, port, messages, connections, file] = process.argv.slice(2);
const nodemailer = createRequire(`${folder}/`)("nodemailer");
const raw = readFileSync(file);
const pool = nodemailer.createTransport({
  pool: true, host: "127.0.0.1", port: Number(port), maxConnections: Number(connections), maxMessages: Infinity,
  ignoreTLS: true, logger: false,
});
const send = (number) =>
  pool.sendMail({ envelope: { from: "news@example.org", to: [`reader${number}@example.org`] }, raw });

// As its documentation advises: as many at a time as there is room for.
let next = 0;
const worker = async () => { while (next < Number(messages)) await send(next++); };
await Promise.all(Array.from({ length: 2 * Number(connections) }, worker));
pool.close();
