// Finished spans on their way to the collector, already as bytes.

/** Most spans fit into this; a batch with longer ones grows. */
const BYTES_A_SPAN = 1024;
const COMMA = 0x2c;
/** UTF-8 needs at most three bytes for a UTF-16 unit. */
const MAX_BYTES_A_UNIT = 3;

/**
 * Spans in one buffer. A span is written at once and its string dropped: strings that waited for
 * the export together would outlive the young generation and cost several times as much.
 */
export class SpanBatch {
  private buffer: Buffer;
  private length = 0;
  count = 0;

  constructor(spans: number) {
    this.buffer = Buffer.allocUnsafeSlow(spans * BYTES_A_SPAN);
  }

  /** Adds a span as JSON. */
  add(span: string): void {
    const needed = this.length + span.length * MAX_BYTES_A_UNIT + 1;
    if (needed > this.buffer.length) this.grow(needed);
    if (this.count > 0) {
      this.buffer[this.length] = COMMA;
      this.length += 1;
    }
    this.length += this.buffer.write(span, this.length);
    this.count += 1;
  }

  /** The spans, separated by commas. Valid until the batch is cleared. */
  bytes(): Uint8Array {
    return this.buffer.subarray(0, this.length);
  }

  clear(): void {
    this.length = 0;
    this.count = 0;
  }

  private grow(needed: number): void {
    const larger = Buffer.allocUnsafeSlow(needed * 2);
    this.buffer.copy(larger, 0, 0, this.length);
    this.buffer = larger;
  }
}
