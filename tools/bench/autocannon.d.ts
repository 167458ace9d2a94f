// Types of the load generator, as far as the benchmarks use it: the package brings none.
declare module 'autocannon' {
  namespace autocannon {
    interface Options {
      url: string;
      connections: number;
      method?: 'GET' | 'POST';
      body?: string;
      /** Requests in all. */
      amount: number;
      /** Puts an id in the place of each `[<id>]` of the body. */
      idReplacement?: boolean;
      headers?: Record<string, string>;
    }
    interface Result {
      requests: { average: number; total: number };
      latency: { p50: number; p99: number };
      non2xx: number;
      errors: number;
    }
  }
  interface Run extends PromiseLike<autocannon.Result> {
    on(event: 'response', listener: () => void): void;
  }
  function autocannon(options: autocannon.Options): Run;
  export = autocannon;
}
