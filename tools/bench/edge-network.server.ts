// Takes the edge function's look-ups to a server of this machine, whichever client makes them.
import type * as http from 'node:http';
import Module from 'node:module';

interface ModuleLoader {
  _load(name: string, ...rest: unknown[]): unknown;
}

/**
 * Ours by what `node:https` is, the SDK by its own variable. The true `node:https` is loaded when it
 * is required and not before, so that its time counts; TLS itself is left out for both.
 * @param onRequest told of every look-up of ours.
 */
export function takeLookupsTo(store: string, onRequest: () => void = () => {}): void {
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: store,
    AWS_ACCESS_KEY_ID: 'bench',
    AWS_SECRET_ACCESS_KEY: 'bench',
    AWS_REGION: 'eu-central-1',
  });
  const loader = Module as unknown as ModuleLoader;
  const load = loader._load.bind(Module);
  const { hostname, port } = new URL(store);
  loader._load = (name, ...rest) => {
    const loaded = load(name, ...rest);
    // The SDK requires `https`, without a prefix.
    if (name !== 'node:https') {
      return loaded;
    }
    const { Agent, request } = load('node:http', ...rest) as typeof http;
    const ask = (options: http.RequestOptions, onResponse: never) => {
      onRequest();
      return request({ ...options, host: hostname, port }, onResponse);
    };
    return { Agent, request: ask };
  };
}
