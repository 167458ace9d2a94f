// `node:https` for tests: servers of this machine, by plain http, in the place of AWS's hosts.
import { Agent, request } from 'node:http';
import type { LookupFunction } from 'node:net';
import type { Https } from '../transport';

/**
 * @param address gives the URL of the server that stands for a host; not asked when the request brings
 *   a look-up of its own.
 */
export function plainHttps(address: (host: string) => string): Https {
  const ask = (
    options: { readonly host: string; readonly lookup?: LookupFunction },
    onResponse: NonNullable<Parameters<typeof request>[2]>,
  ) => {
    if (options.lookup !== undefined) {
      return request(options);
    }
    const { hostname, port } = new URL(address(options.host));
    return request({ ...options, host: hostname, port }, onResponse);
  };
  return { Agent, request: ask } as unknown as Https;
}
