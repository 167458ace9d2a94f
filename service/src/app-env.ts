// What middleware leaves on Hono's context for the handlers behind it.
import type { HttpBindings } from '@hono/node-server';
import type { Identity } from './identity';

export interface AppEnv {
  Bindings: Partial<HttpBindings>;
  Variables: {
    requestId: string;
    identity: Identity;
  };
}
