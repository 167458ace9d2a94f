// Runs a bundle as the edge would: no module but Node's own, no environment but what is given.
import { builtinModules, createRequire } from 'node:module';
import { createContext, Script } from 'node:vm';
import type { Https } from '../transport';
import { plainHttps } from './plain-https';

export interface BareContext {
  /** The whole environment. @default {} */
  readonly env?: Readonly<Record<string, string>>;
  /** What `node:https` is. @default one that reaches nothing */
  readonly https?: Https;
  /** What `Date.now` says. @default the machine's clock */
  readonly now?: () => number;
}

export interface LoadedBundle {
  readonly handler: (event: unknown) => Promise<unknown>;
  /** Lines that it logged. */
  readonly lines: string[];
  /** Modules that it required. */
  readonly required: string[];
}

const OFFLINE = plainHttps((host) => {
  throw new Error(`${host} can't be reached.`);
});

export function loadBare(
  code: string,
  { env = {}, https = OFFLINE, now }: BareContext = {},
): LoadedBundle {
  const lines: string[] = [];
  const required: string[] = [];
  const nodeRequire = createRequire(__filename);
  const module = { exports: {} as { handler: LoadedBundle['handler'] } };
  const context = createContext({
    // No deadline falls, however slow the machine is: what happens then is the transport's test.
    clearTimeout: () => undefined,
    setTimeout: () => undefined,
    console: { log: (line: string) => lines.push(line) },
    module,
    performance,
    process: { env },
    require: (name: string): unknown => {
      required.push(name);
      if (!builtinModules.includes(name.replace(/^node:/, ''))) {
        throw new Error(`The edge has no module ${name}.`);
      }
      return name === 'node:https' ? https : nodeRequire(name);
    },
  });
  if (now !== undefined) {
    (context as { now?: unknown }).now = now;
    new Script('Date.now = now').runInContext(context);
  }
  new Script(code).runInContext(context);
  return { handler: (event) => module.exports.handler(event), lines, required };
}
