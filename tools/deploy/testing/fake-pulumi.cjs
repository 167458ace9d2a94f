#!/usr/bin/env node
// Stands in for the `pulumi` command line: replays recorded output, by a script of what comes next.
const { appendFileSync, readFileSync, writeFileSync, existsSync } = require('node:fs');
const { join } = require('node:path');

const folder = process.env.FAKE_PULUMI;
const args = process.argv.slice(2);
appendFileSync(join(folder, 'calls.ndjson'), `${JSON.stringify(args)}\n`);

// Each reply serves one command ("stack output"), in order; the last of a command is repeated.
const script = JSON.parse(readFileSync(join(folder, 'script.json'), 'utf8'));
const command = args
  .slice(
    0,
    args.findIndex((arg) => arg.startsWith('-')),
  )
  .join(' ');
const replies = script[command];
if (replies === undefined) {
  process.stderr.write(`error: fake pulumi has no reply to "${command}"\n`);
  process.exit(255);
}
const counter = join(folder, `${command.replaceAll(' ', '-')}.count`);
const turn = existsSync(counter) ? Number(readFileSync(counter, 'utf8')) : 0;
writeFileSync(counter, String(turn + 1));
const reply = replies[Math.min(turn, replies.length - 1)];

for (const flag of ['--save-plan']) {
  if (args.includes(flag)) writeFileSync(args[args.indexOf(flag) + 1], '{"resourcePlans":{}}');
}
const end = () => {
  process.stderr.write(reply.stderr ?? '');
  process.exitCode = reply.code ?? 0;
};
const lines = (reply.stdout ?? '').split(/(?<=\n)/);
const stop = reply.untilInterrupted;
if (stop === undefined) {
  process.stdout.write(lines.join(''));
  end();
} else {
  // Says the lines before the marker, then waits for Ctrl-C, as a long update does.
  const at = lines.findIndex((line) => line.includes(stop));
  const wait = setInterval(() => {}, 1000);
  process.once('SIGINT', () => {
    clearInterval(wait);
    process.stdout.write(lines.slice(at).join(''));
    end();
  });
  process.stdout.write(lines.slice(0, at).join(''));
}
