// Sends spans to X-Ray by the daemon that Lambda runs beside a function: no endpoint, no signature, no wait.
import { ExportResultCode, type ExportResult } from '@opentelemetry/core';
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';
import { createSocket } from 'node:dgram';
import { SEARCHABLE_ATTRIBUTES } from '../../../../contracts/metrics';
import type { DaemonAddress, TelemetryReports } from './settings';

/**
 * The daemon's own header, and that what follows are sampled spans: OTLP's protobuf in base64, as AWS's
 * distribution of OpenTelemetry sends it.
 * https://github.com/aws-observability/aws-otel-js-instrumentation/tree/main/exporters/aws-distro-opentelemetry-exporter-xray-udp
 */
const HEADER = '{"format":"json","version":1}\nT1S';

/** Most that a UDP datagram holds over IPv4: 64 KiB without the headers of UDP and IP (RFC 768, RFC 791). */
const MAX_BYTES = 65_507;

/**
 * Names the attributes that X-Ray makes searchable.
 * https://docs.aws.amazon.com/xray/latest/devguide/xray-sdk-migration.html#xray-migration-concepts-span-attributes
 */
const ANNOTATIONS = 'aws.xray.annotations';
const SEARCHABLE: readonly string[] = Object.values(SEARCHABLE_ATTRIBUTES);

/** Nobody answers: what the network of the sandbox refuses is lost, and counted. */
export class XrayExporter implements SpanExporter {
  constructor(
    private readonly daemon: DaemonAddress,
    private readonly lost: TelemetryReports['lost'],
  ) {}

  export(spans: ReadableSpan[], done: (result: ExportResult) => void): void {
    for (const { attributes } of spans) {
      const searchable = SEARCHABLE.filter((name) => name in attributes);
      if (searchable.length > 0) attributes[ANNOTATIONS] = searchable;
    }
    this.send(spans).then(
      () => done({ code: ExportResultCode.SUCCESS }),
      (error: Error) => done({ code: ExportResultCode.FAILED, error }),
    );
  }

  shutdown(): Promise<void> {
    return Promise.resolve();
  }

  /** In one datagram, or as many as it takes. */
  private async send(spans: ReadableSpan[]): Promise<void> {
    const otlp = ProtobufTraceSerializer.serializeRequest(spans) as Uint8Array;
    const datagram = Buffer.from(HEADER + Buffer.from(otlp).toString('base64'));
    if (datagram.length > MAX_BYTES && spans.length > 1) {
      const middle = Math.ceil(spans.length / 2);
      await Promise.all([this.send(spans.slice(0, middle)), this.send(spans.slice(middle))]);
      return;
    }
    try {
      await sendDatagram(datagram, this.daemon);
    } catch (error) {
      this.lost(spans.length, String((error as NodeJS.ErrnoException).code));
      throw error;
    }
  }
}

/** By a socket of its own: none outlives the call, after which Lambda freezes the process. */
async function sendDatagram(datagram: Buffer, { host, port }: DaemonAddress): Promise<void> {
  const socket = createSocket('udp4');
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.send(datagram, port, host, (error) => (error === null ? resolve() : reject(error)));
    });
  } finally {
    socket.close();
  }
}
