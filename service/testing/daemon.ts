// X-Ray's daemon as Lambda runs it, for tests: takes datagrams, and keeps the spans in them.
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { decodeOtlp } from '../../tools/local/otlp-protobuf';
import { take, type Export, type Span, type Values } from './collector';

export interface Daemon {
  /** What Lambda sets `AWS_XRAY_DAEMON_ADDRESS` to. */
  readonly address: string;
  readonly spans: Span[];
  readonly resources: Values[];
  /** Length of each datagram so far. */
  readonly lengths: number[];
  close(): void;
}

/** Starts a daemon on a free port; a datagram that is not in its form is kept as no span. */
export async function startDaemon(): Promise<Daemon> {
  const socket = createSocket({ type: 'udp4', recvBufferSize: 1024 * 1024 }).bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const daemon: Daemon = {
    address: `127.0.0.1:${socket.address().port}`,
    spans: [],
    resources: [],
    lengths: [],
    close: () => void socket.close(),
  };
  socket.on('message', (datagram) => {
    daemon.lengths.push(datagram.length);
    const [header = '', body = ''] = datagram.toString('latin1').split('\n');
    const { format, version } = JSON.parse(header) as { format?: string; version?: number };
    if (format !== 'json' || version !== 1 || !body.startsWith('T1S')) return;
    const otlp = decodeOtlp('traces', Buffer.from(body.slice(3), 'base64')) as Export;
    take({ ...daemon, metrics: new Map() }, otlp);
  });
  return daemon;
}
