// node:crypto, loaded when it is first needed: that takes 3 ms, three times all of the edge function.
import type * as crypto from 'node:crypto';

let loaded: typeof crypto | undefined;

/** The module; a cold edge function that only refuses strangers never loads it. */
export function nodeCrypto(): typeof crypto {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- an import would load it at once
  loaded ??= require('node:crypto') as typeof crypto;
  return loaded;
}
