// The edge function of the stack: its recorded code, loaded as Lambda@Edge would, its log kept.
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { one } from '../../../recorder/query';
import type { Recording } from '../../../recorder/record';
import { addEmbeddedMetrics } from '../../cloudwatch/embedded-metrics';
import type { LocalAws } from '../aws/access';
import type { Ground } from '../ground';
import { loadEdgeFunction } from './edge-runtime';
import type { EdgeHandler } from './edge-runtime';

export interface EdgeFunctionDescription {
  /** Text of the bundle. */
  code: string;
}

/** @throws Error when the function or its code is missing. */
export function read(recording: Recording): EdgeFunctionDescription {
  const { inputs } = one(recording.resources, 'aws:lambda/function:Function', '-edge-fn');
  const { assets } = inputs.code as { assets?: Record<string, { text?: string }> };
  const code = assets?.['index.js']?.text;
  if (code === undefined) throw new Error('The edge function has no index.js in its archive.');
  return { code };
}

/** Loads it; what it logs goes to `edge.log`, and the metrics in it to the platform's. */
export function start(
  { code }: EdgeFunctionDescription,
  aws: LocalAws,
  { logFolder, metrics, onClose }: Ground,
): EdgeHandler {
  const log = createWriteStream(join(logFolder, 'edge.log'), { mode: 0o600 });
  // A decision that outlives the edge is logged nowhere; it must not end the process either.
  log.on('error', () => undefined);
  onClose(() => new Promise<void>((resolve) => log.end(resolve)));
  return loadEdgeFunction({
    code,
    region: aws.region,
    awsEndpoint: aws.url,
    onLog: (line) => {
      addEmbeddedMetrics(metrics, line);
      log.write(`${line}\n`);
    },
  });
}
