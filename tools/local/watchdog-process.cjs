// Outlives the platform by a moment: ends its processes and removes its files when it is gone, however it ended.
// A process of its own, in plain JavaScript: it must be small, start at once and run whatever happens.
'use strict';
const { rmSync } = require('node:fs');
const { createInterface } = require('node:readline');

/** Between SIGTERM and SIGKILL. */
const GRACE_MS = 2_000;
const POLL_MS = 50;

const paths = [];
const groups = new Set();

// The platform's end is the only signal.
for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM']) process.on(signal, () => {});

function send(group, signal) {
  try {
    process.kill(-group, signal);
    return true;
  } catch {
    return false;
  }
}

// A line each: "+123" for a group that has started, "-123" for one that has ended, "=/path" for a file.
createInterface({ input: process.stdin })
  .on('line', (line) => {
    const [kind, rest] = [line[0], line.slice(1)];
    if (kind === '+') groups.add(Number(rest));
    else if (kind === '-') groups.delete(Number(rest));
    else paths.push(rest);
  })
  .on('close', async () => {
    const left = () => [...groups].filter((group) => send(group, 0));
    // One that is stopped for a moment must run to end.
    for (const signal of ['SIGTERM', 'SIGCONT']) for (const group of groups) send(group, signal);
    const end = Date.now() + GRACE_MS;
    while (left().length > 0 && Date.now() < end) {
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    for (const group of left()) send(group, 'SIGKILL');
    for (const path of paths) rmSync(path, { recursive: true, force: true });
    process.exit(0);
  });
