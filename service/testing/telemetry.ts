// Telemetry as a process would start it: OpenTelemetry's variables stand in the process's environment.
import { startTelemetry } from '../src/kit/telemetry';
import type { Telemetry } from '../src/kit/telemetry';
import { readTelemetrySettings } from '../src/kit/telemetry/settings';

/** Sets the process's OTEL_* variables to those of `env`, and to no others. */
export function setTelemetryEnvironment(env: NodeJS.ProcessEnv): void {
  const isTelemetry = ([name]: [string, unknown]) => name.startsWith('OTEL_');
  for (const [name] of Object.entries(process.env).filter(isTelemetry)) delete process.env[name];
  Object.assign(process.env, Object.fromEntries(Object.entries(env).filter(isTelemetry)));
}

/** Starts telemetry with `env`; what it reports is pushed to `reports`, a loss as `<spans> <reason>`. */
export function telemetryOf(env: NodeJS.ProcessEnv, reports: string[] = []): Telemetry {
  setTelemetryEnvironment(env);
  const problems: string[] = [];
  const settings = readTelemetrySettings(env, problems);
  if (problems.length > 0) throw new Error(problems.join('\n'));
  return startTelemetry(settings, {
    trouble: (reason) => void reports.push(reason),
    lost: (spans, reason) => void reports.push(`${spans} ${reason}`),
  });
}
