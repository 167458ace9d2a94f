// Answers from bounded caches or by one look-up a key, and says when the store can't be reached.
import type { DecisiveRecord } from '../contracts/api-key';
import { BoundedMap } from './bounded-map';
import type { ResolvedEdgeSettings } from './settings';

/** What the store holds under a key's id: a record, nothing, or something that is no record. */
export type StoredKey = DecisiveRecord | 'absent' | 'malformed';

export type CacheUse = 'hit' | 'miss' | 'stale';

export type StoreAnswer =
  | {
      readonly stored: StoredKey;
      /** `stale`: the store is down, and a record that was active moments ago answers for it. */
      readonly cache: CacheUse;
      /** Time of the look-up in milliseconds, if there was one. */
      readonly lookupMs?: number;
      /** Why the store could not be reached, when the answer is stale. */
      readonly failure?: string;
    }
  | {
      readonly stored: 'unavailable';
      readonly cache: 'miss';
      readonly lookupMs: number;
      readonly failure: string;
    };

export interface KeyStore {
  /** Never rejects: a store that can't be reached is an answer, too. */
  find(keyId: string): Promise<StoreAnswer>;
}

export interface KeyStoreOptions {
  readonly settings: Pick<ResolvedEdgeSettings, 'cacheSeconds' | 'graceSeconds'>;
  /** Reads the store; rejects when it can't be reached or answers garbage. */
  readonly fetchRecord: (keyId: string) => Promise<StoredKey>;
  /** The time, epoch milliseconds. */
  readonly now: () => number;
  /** Most records, and most unknown keys, that are remembered. @default 10,000, about 5 MB of 128 */
  readonly capacity?: number;
}

interface Entry<V extends StoredKey> {
  readonly stored: V;
  /** When the look-up began, epoch milliseconds: a revocation after that may have been missed. */
  readonly since: number;
}

/** While the store is down, a key with a stale record makes one attempt in this time, in ms. */
const RETRY_MS = 1000;

/** Remembers found and unknown keys apart, so that made-up keys can't push out real ones. */
export function createKeyStore({
  settings,
  fetchRecord,
  now,
  capacity = 10_000,
}: KeyStoreOptions): KeyStore {
  const found = new BoundedMap<Entry<DecisiveRecord>>(capacity);
  const missing = new BoundedMap<Entry<'absent' | 'malformed'>>(capacity);
  const flights = new Map<string, Promise<StoreAnswer>>();
  let lastFailure = { at: Number.NEGATIVE_INFINITY, message: '' };

  /** A clock that was set back makes an age negative; such an entry is not trusted. */
  const isYounger = (entry: Entry<StoredKey> | undefined, seconds: number): boolean => {
    const age = entry === undefined ? -1 : now() - entry.since;
    return age >= 0 && age < seconds * 1000;
  };

  const staleRecord = (keyId: string): DecisiveRecord | undefined => {
    const entry = found.get(keyId);
    const living = isYounger(entry, settings.cacheSeconds + settings.graceSeconds);
    return living && entry?.stored.status === 'active' ? entry.stored : undefined;
  };

  const remember = (keyId: string, entry: Entry<StoredKey>): void => {
    const { stored, since } = entry;
    if (typeof stored === 'string') {
      found.delete(keyId);
      missing.set(keyId, { stored, since });
    } else {
      missing.delete(keyId);
      found.set(keyId, { stored, since });
    }
  };

  const lookUp = async (keyId: string): Promise<StoreAnswer> => {
    const since = now();
    try {
      const stored = await fetchRecord(keyId);
      remember(keyId, { stored, since });
      return { stored, cache: 'miss', lookupMs: now() - since };
    } catch (error) {
      const { message } = error as Error;
      lastFailure = { at: now(), message };
      const lookupMs = now() - since;
      const stored = staleRecord(keyId);
      return stored === undefined
        ? { stored: 'unavailable', cache: 'miss', lookupMs, failure: message }
        : { stored, cache: 'stale', lookupMs, failure: message };
    }
  };

  return {
    async find(keyId) {
      const record = found.get(keyId);
      if (record !== undefined && isYounger(record, settings.cacheSeconds)) {
        return { stored: record.stored, cache: 'hit' };
      }
      const absence = missing.get(keyId);
      if (absence !== undefined && isYounger(absence, settings.cacheSeconds)) {
        return { stored: absence.stored, cache: 'hit' };
      }
      const sinceFailure = now() - lastFailure.at;
      if (sinceFailure >= 0 && sinceFailure < RETRY_MS) {
        const stored = staleRecord(keyId);
        if (stored !== undefined) {
          return { stored, cache: 'stale', failure: lastFailure.message };
        }
      }
      const flight = flights.get(keyId) ?? lookUp(keyId).finally(() => flights.delete(keyId));
      flights.set(keyId, flight);
      return flight;
    },
  };
}
