// Takes the edge function's look-ups to a server of this machine, whichever client makes them.
import type * as http from 'node:http';
import type * as https from 'node:https';
import Module from 'node:module';
import type { LookupFunction } from 'node:net';

interface ModuleLoader {
  _load(name: string, ...rest: unknown[]): unknown;
}

function giveCredentials(store: string): void {
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: store,
    AWS_ACCESS_KEY_ID: 'bench',
    AWS_SECRET_ACCESS_KEY: 'bench',
    AWS_REGION: 'eu-central-1',
  });
}

/**
 * Puts something in the place of what `require('node:https')` gives. The true one is loaded when it is
 * required and not before, so that its time counts where that is measured.
 */
function replaceHttps(make: (real: typeof https) => object): void {
  const loader = Module as unknown as ModuleLoader;
  const load = loader._load.bind(Module);
  loader._load = (name, ...rest) => {
    const loaded = load(name, ...rest);
    // The SDK requires `https`, without a prefix, and has a variable of its own for the address.
    return name === 'node:https' ? make(loaded as typeof https) : loaded;
  };
}

/** Look-ups by TLS, to a server of this machine whose certificate names `localhost` and DynamoDB. */
export function takeTlsTo(store: string): void {
  giveCredentials(store);
  const { port } = new URL(store);
  const toLoopback: LookupFunction = (_host, { all }, done) =>
    all === true ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4);
  replaceHttps(({ Agent, request }) => ({
    Agent,
    request: (options: https.RequestOptions, onResponse: never) =>
      request({ port, lookup: toLoopback, ...options }, onResponse),
  }));
}

/**
 * Look-ups by plain HTTP, so that the time of TLS is not measured with what is.
 * @param onRequest told of every look-up of ours.
 */
export function takeLookupsTo(store: string, onRequest: () => void = () => {}): void {
  giveCredentials(store);
  const { hostname, port } = new URL(store);
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- an import would load it for all
  const { Agent, request } = require('node:http') as typeof http;
  replaceHttps(() => ({
    Agent,
    request: (options: http.RequestOptions, onResponse: never) => {
      // The warm-up leads nowhere.
      if (options.lookup !== undefined) {
        return request(options, onResponse);
      }
      onRequest();
      return request({ ...options, host: hostname, port }, onResponse);
    },
  }));
}
