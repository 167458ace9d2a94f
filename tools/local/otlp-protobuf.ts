// OTLP in its protobuf form, read into the members that its JSON form has.
// Field numbers: github.com/open-telemetry/opentelemetry-proto

/** Reads a value from the bytes of its wire type: a varint's own, eight, or those of its length. */
type Read = (bytes: Buffer) => unknown;

interface Field {
  readonly name: string;
  readonly read: Read;
  readonly repeated?: boolean;
  /** How the values of a packed field are told apart. */
  readonly packed?: 'varints' | 'eights';
}

/** Fields by their numbers; what is not named is skipped. */
type Message = Readonly<Record<number, Field>>;

const VARINT = 0;
const EIGHT_BYTES = 1;
const LENGTH = 2;
const FOUR_BYTES = 5;
/** What 64 bits take, seven a byte. */
const MAX_VARINT_BYTES = 10;

const text: Read = (bytes) => bytes.toString('utf8');
const hex: Read = (bytes) => bytes.toString('hex');
const double: Read = (bytes) => bytes.readDoubleLE();
const fixed: Read = (bytes) => String(bytes.readBigUInt64LE());
const signedFixed: Read = (bytes) => String(bytes.readBigInt64LE());
const integer: Read = (bytes) => String(BigInt.asIntN(64, varint(bytes, 0).value));
const number: Read = (bytes) => Number(varint(bytes, 0).value);
const bool: Read = (bytes) => varint(bytes, 0).value !== 0n;
const zigzag: Read = (bytes) => {
  const { value } = varint(bytes, 0);
  return Number((value >> 1n) ^ -(value & 1n));
};

function message(fields: Message | (() => Message)): Read {
  return (bytes) => decode(bytes, typeof fields === 'function' ? fields() : fields);
}

function one(name: string, read: Read | Message): Field {
  return { name, read: typeof read === 'function' ? read : message(read) };
}

function many(name: string, read: Read | Message): Field {
  return { ...one(name, read), repeated: true };
}

const KEY_VALUE: Message = {
  1: one('key', text),
  2: one(
    'value',
    message(() => ANY_VALUE),
  ),
};
const ANY_VALUE: Message = {
  1: one('stringValue', text),
  2: one('boolValue', bool),
  3: one('intValue', integer),
  4: one('doubleValue', double),
  5: one('arrayValue', {
    1: many(
      'values',
      message(() => ANY_VALUE),
    ),
  }),
  6: one('kvlistValue', { 1: many('values', KEY_VALUE) }),
  7: one('bytesValue', (bytes) => bytes.toString('base64')),
};
const attributes = many('attributes', KEY_VALUE);
const resource = one('resource', { 1: attributes });
const scope = one('scope', { 1: one('name', text), 2: one('version', text) });
const startTime = one('startTimeUnixNano', fixed);
const time = one('timeUnixNano', fixed);

const SPAN: Message = {
  1: one('traceId', hex),
  2: one('spanId', hex),
  4: one('parentSpanId', hex),
  5: one('name', text),
  6: one('kind', number),
  7: startTime,
  8: one('endTimeUnixNano', fixed),
  9: attributes,
  15: one('status', { 2: one('message', text), 3: one('code', number) }),
};

const NUMBERS = many('dataPoints', {
  2: startTime,
  3: time,
  4: one('asDouble', double),
  6: one('asInt', signedFixed),
  7: attributes,
});
const SUMMARY = { 2: startTime, 3: time, 4: one('count', fixed), 5: one('sum', double) };
const HISTOGRAM = many('dataPoints', {
  ...SUMMARY,
  6: { name: 'bucketCounts', read: fixed, packed: 'eights' },
  7: { name: 'explicitBounds', read: double, packed: 'eights' },
  9: attributes,
  11: one('min', double),
  12: one('max', double),
});
const BUCKETS: Message = {
  1: one('offset', zigzag),
  2: { name: 'bucketCounts', read: integer, packed: 'varints' },
};
const EXPONENTIAL_HISTOGRAM = many('dataPoints', {
  ...SUMMARY,
  1: attributes,
  6: one('scale', zigzag),
  7: one('zeroCount', fixed),
  8: one('positive', BUCKETS),
  9: one('negative', BUCKETS),
  12: one('min', double),
  13: one('max', double),
});
const temporality = one('aggregationTemporality', number);
const METRIC: Message = {
  1: one('name', text),
  2: one('description', text),
  3: one('unit', text),
  5: one('gauge', { 1: NUMBERS }),
  7: one('sum', { 1: NUMBERS, 2: temporality, 3: one('isMonotonic', bool) }),
  9: one('histogram', { 1: HISTOGRAM, 2: temporality }),
  10: one('exponentialHistogram', { 1: EXPONENTIAL_HISTOGRAM, 2: temporality }),
};

const EXPORTS = {
  traces: {
    1: many('resourceSpans', {
      1: resource,
      2: many('scopeSpans', { 1: scope, 2: many('spans', SPAN) }),
    }),
  },
  metrics: {
    1: many('resourceMetrics', {
      1: resource,
      2: many('scopeMetrics', { 1: scope, 2: many('metrics', METRIC) }),
    }),
  },
} satisfies Record<string, Message>;

/**
 * Decodes the body of an export.
 * @throws RangeError where the bytes are no such message.
 */
export function decodeOtlp(signal: keyof typeof EXPORTS, body: Buffer): Record<string, unknown> {
  return decode(body, EXPORTS[signal]);
}

function decode(bytes: Buffer, fields: Message): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (let at = 0; at < bytes.length;) {
    const tag = varint(bytes, at);
    const wire = Number(tag.value & 7n);
    const end = endOf(bytes, tag.next, wire);
    const value = bytes.subarray(end.start, end.next);
    at = end.next;
    const field = fields[Number(tag.value >> 3n)];
    if (field === undefined) continue;
    const { name, read, repeated, packed } = field;
    if (packed !== undefined) {
      const values = wire === LENGTH ? unpack(value, packed) : [value];
      ((result[name] ??= []) as unknown[]).push(...values.map(read));
    } else if (repeated === true) {
      ((result[name] ??= []) as unknown[]).push(read(value));
    } else {
      result[name] = read(value);
    }
  }
  return result;
}

/** Where a value begins and the next field does. */
function endOf(bytes: Buffer, at: number, wire: number): { start: number; next: number } {
  switch (wire) {
    case VARINT:
      return { start: at, next: varint(bytes, at).next };
    case EIGHT_BYTES:
      return within(bytes, at, 8);
    case FOUR_BYTES:
      return within(bytes, at, 4);
    case LENGTH: {
      const { value, next } = varint(bytes, at);
      return within(bytes, next, Number(value));
    }
    default:
      throw new RangeError(`There is no wire type ${wire}.`);
  }
}

function within(bytes: Buffer, start: number, length: number): { start: number; next: number } {
  if (start + length > bytes.length) throw new RangeError('The message ends too early.');
  return { start, next: start + length };
}

function unpack(bytes: Buffer, packed: 'varints' | 'eights'): Buffer[] {
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const next = packed === 'eights' ? at + 8 : varint(bytes, at).next;
    parts.push(bytes.subarray(at, next));
    at = next;
  }
  return parts;
}

function varint(bytes: Buffer, start: number): { value: bigint; next: number } {
  let value = 0n;
  for (let at = start; at < start + MAX_VARINT_BYTES; at += 1) {
    const byte = bytes.readUInt8(at);
    value |= BigInt(byte & 0x7f) << BigInt((at - start) * 7);
    if (byte < 0x80) return { value, next: at + 1 };
  }
  throw new RangeError('A number has more than 64 bits.');
}
