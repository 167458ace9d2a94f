// Asks the server: what is shown again and again, and what a button does once.
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';

/** What was read last. */
export interface Read<T> {
  data: T | undefined;
  /** The platform does not answer any more: what is shown is its last state. */
  ended: boolean;
  /** What the server says is wrong. */
  error: string | undefined;
  /** Reads at once. */
  again: () => void;
}

/** The server's words for what could not be done. */
export class Refused extends Error {}

async function json<T>(path: string, init?: RequestInit): Promise<T> {
  const response = await fetch(path, init);
  const body = (await response.json()) as T & { error?: string };
  if (!response.ok) throw new Refused(body.error ?? `The console answered ${response.status}.`);
  return body;
}

/**
 * Reads a path again and again.
 * @param everyMs time until the next reading, or what gives it from what was read last; 0 for none.
 */
export function useRead<T>(
  path: string,
  everyMs: number | ((data: T | undefined) => number),
): Read<T> {
  const [state, setState] = useState<Omit<Read<T>, 'again'> & { path: string }>({
    ...{ data: undefined, ended: false, error: undefined, path },
  });
  const [round, setRound] = useState(0);
  const latest = useRef(0);
  const pauseMs = useRef(everyMs);
  pauseMs.current = everyMs;
  const fixedMs = typeof everyMs === 'number' ? everyMs : undefined;
  useEffect(() => {
    const turn = (latest.current += 1);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const load = async () => {
      let next: Omit<Read<T>, 'again' | 'data'> & { data?: T };
      try {
        next = { data: await json<T>(path), ended: false, error: undefined };
      } catch (error) {
        const refused = error instanceof Refused;
        next = { ended: !refused, error: refused ? error.message : undefined };
      }
      if (turn !== latest.current) return;
      setState((before) => ({
        ...{ data: before.path === path ? before.data : undefined },
        ...next,
        path,
      }));
      const { current } = pauseMs;
      const waitMs = typeof current === 'number' ? current : current(next.data);
      if (waitMs > 0) timer = setTimeout(() => void load(), waitMs);
    };
    void load();
    return () => {
      latest.current += 1;
      clearTimeout(timer);
    };
  }, [path, fixedMs, round]);
  const again = useCallback(() => setRound((before) => before + 1), []);
  const { data, ended, error } = state;
  return { data: state.path === path ? data : undefined, ended, error, again };
}

/** @throws Refused with what was wrong. */
export function act<T>(path: string, input: object = {}): Promise<T> {
  return json<T>(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(input),
  });
}
