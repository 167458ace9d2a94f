// Entry of the bundle: the handler with the settings that the bundler put in.
import { createHandler } from './handler';
import type { ResolvedEdgeSettings } from './settings';
import { createTransport, warmUp } from './transport';

/** Replaced by the bundler (see bundle.ts): Lambda@Edge has no environment variables of ours. */
declare const EDGE_SETTINGS: ResolvedEdgeSettings;

export const handler = createHandler({
  settings: EDGE_SETTINGS,
  env: process.env,
  now: () => Date.now(),
  log: (line) => console.log(line),
  send: createTransport(),
});

warmUp();
