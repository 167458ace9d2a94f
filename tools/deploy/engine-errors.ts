// Turns the end of a `pulumi` process into one plain sentence: what was wrong, and what to do.

/** Kinds of failures that callers tell apart. */
export type EngineFailure =
  | 'no-cli'
  | 'no-network'
  | 'no-login'
  | 'no-stack'
  | 'locked'
  | 'passphrase'
  | 'plan-violated'
  | 'policy-violated'
  | 'protected'
  | 'configuration'
  | 'cancelled'
  | 'failed';

/** A run of the engine that did not succeed; the message is for people. */
export class EngineError extends Error {
  override readonly name = 'EngineError';
  constructor(
    readonly kind: EngineFailure,
    message: string,
  ) {
    super(message);
  }
}

/** How a `pulumi` process ended. */
export interface Ending {
  readonly stack: string;
  /** null when a signal ended it. */
  readonly code: number | null;
  /** The errors among its diagnostics and what it wrote to stderr, or stdout when that is text. */
  readonly text: string;
  /** Mandatory policies that were violated, as sentences. */
  readonly violations: readonly string[];
}

/** Exit codes of the CLI that say it all: https://www.pulumi.com/docs/iac/cli/exit-codes/ */
const NOT_LOGGED_IN = 3;
const CANCELLED = 130;
const NO_STACK = 6;

/** The launcher's own words, after what it says of its download. */
const LAUNCHER_FAILED = /^pulumi: (.*)/m;
/** Sentences of Go's package `net`, in which the command line is written. */
const OUT_OF_REACH =
  /dial tcp|no such host|connection refused|network is unreachable|i\/o timeout|TLS handshake timeout/;

/** The first that fits decides; the sentences are the CLI's own, as recorded. */
const KINDS: readonly [
  kind: EngineFailure,
  fits: (ending: Ending) => boolean,
  message: (ending: Ending) => string,
][] = [
  [
    'cancelled',
    ({ code, text }) => code === null || code === CANCELLED || /\bupdate canceled\b/.test(text),
    () => 'The engine was interrupted before it was done.',
  ],
  [
    'no-cli',
    ({ text }) => LAUNCHER_FAILED.test(text),
    ({ text }) => noCli('pulumi', LAUNCHER_FAILED.exec(text)?.[1] ?? '').message,
  ],
  [
    'no-login',
    ({ code, text }) => code === NOT_LOGGED_IN || /PULUMI_ACCESS_TOKEN must be set/.test(text),
    () =>
      'The Pulumi command line is not logged in to a backend, where the state of stacks is kept. ' +
      'Log in once: "npx pulumi login" for Pulumi Cloud, "npx pulumi login s3://BUCKET" or ' +
      '"npx pulumi login file://FOLDER" for a backend of your own; in CI set PULUMI_ACCESS_TOKEN or ' +
      'PULUMI_BACKEND_URL.',
  ],
  [
    'no-stack',
    ({ code, text }) => code === NO_STACK || /no stack named/.test(text),
    ({ stack }) =>
      `There is no stack "${stack}" in the backend you are logged in to. See which there are by ` +
      `"npx pulumi stack ls", or make it: "npx pulumi stack init ${stack}".`,
  ],
  [
    'locked',
    ({ text }) => /currently locked by|Another update is currently in progress|\[409\]/.test(text),
    ({ stack, text }) =>
      `Somebody else is updating the stack "${stack}"${lockHolder(text)}. Wait until that has ended ` +
      `and run this again; nothing was changed. If you know that it died, "npx pulumi cancel ` +
      `--stack ${stack}" removes the lock.`,
  ],
  [
    'passphrase',
    ({ text }) => /incorrect passphrase|PULUMI_CONFIG_PASSPHRASE|passphrase must be set/.test(text),
    () =>
      "The stack's secrets can't be opened: set PULUMI_CONFIG_PASSPHRASE (or " +
      'PULUMI_CONFIG_PASSPHRASE_FILE) to the passphrase that the stack was made with.',
  ],
  [
    'plan-violated',
    ({ text }) => /violates plan/.test(text),
    ({ stack, text }) =>
      'The saved change is no longer what the program makes, so the engine stopped before what ' +
      `differs:\n${lines(text, /violates plan/)}\nSave and review a new one: "npm run change -- ${stack}".`,
  ],
  [
    'policy-violated',
    ({ violations }) => violations.length > 0,
    ({ violations }) =>
      `A mandatory policy is violated, nothing was changed:\n${violations.map((line) => `  ${line}`).join('\n')}\n` +
      'Correct the program or the settings of the stack.',
  ],
  [
    'protected',
    ({ text }) => /cannot be deleted\s+because it is protected/.test(text),
    ({ stack, text }) =>
      `Protected resources stopped it at the preview, nothing was deleted: ${protectedNames(text).join(', ')}. ` +
      `"npm run destroy -- ${stack}" says what protects them and takes the steps that are needed.`,
  ],
  [
    'no-network',
    ({ text }) => OUT_OF_REACH.test(text),
    ({ text }) =>
      `Something can't be reached from here:\n${lines(withoutPrefix(text), OUT_OF_REACH)}\n` +
      'Check network, proxy and name resolution. It is not a matter of logging in.',
  ],
  [
    'configuration',
    ({ text }) => /The configuration of stack/.test(text),
    ({ text }) => withoutPrefix(text.slice(text.search(/The configuration of stack/))),
  ],
];

/** The error of a run that did not end with 0. */
export function errorOf(ending: Ending): EngineError {
  const found = KINDS.find(([, fits]) => fits(ending));
  if (found !== undefined) return new EngineError(found[0], found[2](ending));
  const text = withoutPrefix(ending.text).slice(0, 4000) || 'it gave no reason';
  return new EngineError('failed', `The engine failed (exit code ${ending.code}): ${text}`);
}

/** There is no executable, or the launcher could not fetch it. */
export function noCli(program: string, reason: string): EngineError {
  return new EngineError(
    'no-cli',
    `The Pulumi command line (${program}) could not be started: ${reason}. "npm ci" brings a ` +
      'launcher that fetches it at first use, which needs the network; or install it and name it by ' +
      'the environment variable PULUMI.',
  );
}

function lockHolder(text: string): string {
  const found = /created by (\S+) \(pid (\d+)\) at (\S+)/.exec(text);
  return found === null ? '' : ` (${found[1]}, process ${found[2]}, since ${found[3]})`;
}

function protectedNames(text: string): string[] {
  const names = [...text.matchAll(/resource "urn:[^"]*::([^":]+)" cannot be deleted/g)];
  return [...new Set(names.map((match) => match[1] ?? ''))];
}

function lines(text: string, pattern: RegExp): string {
  const found = text.split('\n').filter((line) => pattern.test(line));
  const sentences = found.map((line) => line.replace(/^.*?resource urn:[^ ]*::/, '  '));
  return [...new Set(sentences)].join('\n');
}

function withoutPrefix(text: string): string {
  return text.trim().replaceAll(/^error: /gm, '');
}
