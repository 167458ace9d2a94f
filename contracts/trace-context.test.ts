import {
  readEdgeTiming,
  readTraceparent,
  writeEdgeTiming,
  writeTraceparent,
} from './trace-context';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';

describe('readTraceparent', () => {
  it.each([true, false])('reads what was written, sampled: %s', (sampled) => {
    const context = { traceId: TRACE, spanId: SPAN, sampled };
    expect(readTraceparent(writeTraceparent(context))).toEqual(context);
  });

  it.each([
    undefined,
    '',
    'nonsense',
    `ff-${TRACE}-${SPAN}-01`,
    `00-${'0'.repeat(32)}-${SPAN}-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    `00-${TRACE.toUpperCase()}-${SPAN}-01`,
    `00-${TRACE}-${SPAN}-01-more`,
    ` 00-${TRACE}-${SPAN}-01`,
  ])('refuses %p', (value) => {
    expect(readTraceparent(value)).toBeUndefined();
  });
});

describe('readEdgeTiming', () => {
  it.each([
    { startMs: 1_764_000_000_000, durationMs: 0.01 },
    { startMs: 1_764_000_000_000, durationMs: 7.25, lookupMs: 6, cache: 'miss' },
    { startMs: 1, durationMs: 4999, lookupMs: 1500, cache: 'stale', parentSpanId: SPAN },
  ])('reads what was written: %j', (timing) => {
    expect(readEdgeTiming(writeEdgeTiming(timing))).toEqual({ ...timing });
  });

  it.each([undefined, '', '1;dur=-1.00', '1;dur=1.00;lookup=x', '1;dur=1.00;parent=zz'])(
    'refuses %p',
    (value) => {
      expect(readEdgeTiming(value)).toBeUndefined();
    },
  );
});
