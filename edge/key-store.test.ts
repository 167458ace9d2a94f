// Cache times, one flight a key, bounded size, and who lives on while the store is down.
import { createKeyStore, type StoredKey } from './key-store';
import { makeKey, makeRecord, NOW } from './testing/keys';

const ID = 'AbCdEf123456';
const RECORD = makeRecord(makeKey(ID));
const SETTINGS = { cacheSeconds: 30, graceSeconds: 300 };

/** A store whose answers and clock the test holds. */
function setUp(settings: Partial<typeof SETTINGS> = {}, capacity?: number) {
  const state = {
    now: NOW,
    calls: [] as string[],
    answer: (): Promise<StoredKey> => Promise.resolve(RECORD),
  };
  const store = createKeyStore({
    settings: { ...SETTINGS, ...settings },
    now: () => state.now,
    capacity,
    fetchRecord: (keyId) => {
      state.calls.push(keyId);
      return state.answer();
    },
  });
  const answers = (stored: StoredKey) => (state.answer = () => Promise.resolve(stored));
  const fails = () => (state.answer = () => Promise.reject(new Error('home: timeout')));
  return { state, store, answers, fails };
}

describe('createKeyStore', () => {
  it('looks up once and answers from the cache for its time', async () => {
    const { state, store } = setUp();
    expect(await store.find(ID)).toEqual({ stored: RECORD, cache: 'miss', lookupMs: 0 });
    state.now += 29_999;
    expect(await store.find(ID)).toEqual({ stored: RECORD, cache: 'hit' });
    state.now += 1;
    expect(await store.find(ID)).toMatchObject({ cache: 'miss' });
    expect(state.calls).toHaveLength(2);
  });

  it('counts the age from the beginning of the look-up', async () => {
    const { state, store } = setUp();
    state.answer = () => {
      state.now += 700;
      return Promise.resolve(RECORD);
    };
    expect(await store.find(ID)).toMatchObject({ lookupMs: 700 });
    state.now = NOW + 30_000;
    expect(await store.find(ID)).toMatchObject({ cache: 'miss' });
  });

  it.each<[StoredKey & string]>([['absent'], ['malformed']])(
    'remembers %s as long as a key',
    async (stored) => {
      const { state, store, answers } = setUp();
      answers(stored);
      await store.find(ID);
      state.now += 29_999;
      expect(await store.find(ID)).toEqual({ stored, cache: 'hit' });
      state.now += 1;
      answers(RECORD);
      expect(await store.find(ID)).toMatchObject({ stored: RECORD, cache: 'miss' });
      state.now += 15_000;
      expect(await store.find(ID)).toMatchObject({ stored: RECORD, cache: 'hit' });
    },
  );

  it('sees a revocation, and a removal, with the first look-up after the cache time', async () => {
    const { state, store, answers } = setUp();
    await store.find(ID);
    answers({ ...RECORD, status: 'revoked' });
    state.now += 30_000;
    expect(await store.find(ID)).toMatchObject({ stored: { status: 'revoked' } });
    answers('absent');
    state.now += 30_000;
    expect(await store.find(ID)).toMatchObject({ stored: 'absent' });
  });

  it('makes one look-up for many requests of one key at once', async () => {
    const { state, store } = setUp();
    const releases: (() => void)[] = [];
    state.answer = () => new Promise((resolve) => releases.push(() => resolve(RECORD)));
    const requests = Array.from({ length: 50 }, () => store.find(ID));
    const other = store.find('Zz0000000000');
    expect(state.calls).toEqual([ID, 'Zz0000000000']);
    releases.forEach((release) => release());
    const answers = await Promise.all([...requests, other]);
    expect(new Set(answers.slice(0, 50)).size).toBe(1);
    expect(answers[0]).toMatchObject({ stored: RECORD, cache: 'miss' });
    expect(await store.find(ID)).toMatchObject({ cache: 'hit' });
  });

  it('gives all waiting requests the same answer, a failure included', async () => {
    const { state, store, fails } = setUp();
    fails();
    const answers = await Promise.all([store.find(ID), store.find(ID)]);
    expect(answers[0]).toEqual({
      stored: 'unavailable',
      cache: 'miss',
      lookupMs: 0,
      failure: 'home: timeout',
    });
    expect(answers[1]).toBe(answers[0]);
    expect(state.calls).toHaveLength(1);
  });

  it('does not remember a failure of a key that it does not know', async () => {
    const { store, fails, answers } = setUp();
    fails();
    await store.find(ID);
    answers(RECORD);
    expect(await store.find(ID)).toMatchObject({ stored: RECORD, cache: 'miss' });
  });

  it('never trusts an entry that is younger than the clock', async () => {
    const { state, store, fails } = setUp();
    await store.find(ID);
    state.now -= 1;
    expect(await store.find(ID)).toMatchObject({ cache: 'miss' });
    fails();
    state.now -= 60_000;
    expect(await store.find(ID)).toMatchObject({ stored: 'unavailable' });
    // The failure is younger than the clock, too, and holds nothing up.
    state.now -= 60_000;
    expect(await store.find(ID)).toMatchObject({ stored: 'unavailable', cache: 'miss' });
    expect(state.calls).toHaveLength(4);
  });

  it('forgets that a key was absent once it is there, whatever the clock does', async () => {
    const { state, store, answers } = setUp();
    answers('absent');
    await store.find(ID);
    state.now += 30_000;
    answers(RECORD);
    await store.find(ID);
    state.now -= 5000;
    expect(await store.find(ID)).toMatchObject({ stored: RECORD, cache: 'miss' });
  });

  it('keeps no more than it may, and keeps real keys when made-up ones flood it', async () => {
    const { state, store, answers } = setUp({}, 3);
    await store.find(ID);
    answers('absent');
    for (let i = 0; i < 1000; i++) {
      await store.find(`made-up-${i}`);
    }
    state.calls.length = 0;
    expect(await store.find(ID)).toMatchObject({ cache: 'hit' });
    expect(await store.find('made-up-999')).toMatchObject({ cache: 'hit' });
    expect(await store.find('made-up-996')).toMatchObject({ cache: 'miss' });
  });

  describe('while the store is down', () => {
    it('lets a key live on that was active moments ago, until its grace ends', async () => {
      const { state, store, fails } = setUp();
      await store.find(ID);
      fails();
      state.now += 30_000;
      expect(await store.find(ID)).toEqual({
        stored: RECORD,
        cache: 'stale',
        lookupMs: 0,
        failure: 'home: timeout',
      });
      state.now = NOW + 329_999;
      expect(await store.find(ID)).toMatchObject({ stored: RECORD, cache: 'stale' });
      state.now = NOW + 330_000;
      expect(await store.find(ID)).toMatchObject({ stored: 'unavailable' });
    });

    it('tries again once a second, not at every request', async () => {
      const { state, store, fails } = setUp();
      await store.find(ID);
      fails();
      state.now += 30_000;
      await store.find(ID);
      state.now += 999;
      expect(await store.find(ID)).toEqual({
        stored: RECORD,
        cache: 'stale',
        failure: 'home: timeout',
      });
      expect(state.calls).toHaveLength(2);
      state.now += 1;
      await store.find(ID);
      expect(state.calls).toHaveLength(3);
    });

    it.each<[string, StoredKey]>([
      ['revoked', { ...RECORD, status: 'revoked' }],
      ['absent', 'absent'],
      ['malformed', 'malformed'],
    ])('lets no key live on that was %s', async (_, stored) => {
      const { state, store, answers, fails } = setUp();
      await store.find(ID);
      answers(stored);
      state.now += 30_000;
      await store.find(ID);
      fails();
      state.now += 30_000;
      expect(await store.find(ID)).toMatchObject({ stored: 'unavailable' });
      expect(await store.find(ID)).toMatchObject({ stored: 'unavailable' });
    });

    it('recovers', async () => {
      const { state, store, answers, fails } = setUp();
      await store.find(ID);
      fails();
      state.now += 30_000;
      await store.find(ID);
      answers({ ...RECORD, status: 'revoked' });
      state.now += 1000;
      expect(await store.find(ID)).toMatchObject({ stored: { status: 'revoked' }, cache: 'miss' });
    });
  });
});
