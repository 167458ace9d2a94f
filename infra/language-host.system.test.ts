// Runs the program as `pulumi up` does: Pulumi's own Node.js host, over gRPC, with Pulumi.yaml's options.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as grpc from '@grpc/grpc-js';
import * as pulumi from '@pulumi/pulumi';
import callbackProto from '@pulumi/pulumi/proto/callback_grpc_pb';
import callbackMessages from '@pulumi/pulumi/proto/callback_pb';
import engineProto from '@pulumi/pulumi/proto/engine_grpc_pb';
import engineMessages from '@pulumi/pulumi/proto/engine_pb';
import resourceProto from '@pulumi/pulumi/proto/resource_grpc_pb';
import resourceMessages from '@pulumi/pulumi/proto/resource_pb';
import empty from 'google-protobuf/google/protobuf/empty_pb';
import { parse } from 'yaml';
import gatehouse from './index';
import { record, type RecordedInvoke, type RecordedResource } from '../recorder/record';
import { installMonitor } from '../recorder/monitor';
import { PROJECT_DIRECTORY, readStackConfig } from '../recorder/stack-file';

type Answer = (error: unknown, response: unknown) => void;
type Method = (request: unknown, answer: Answer) => unknown;

/**
 * The recorder's monitor and a silent engine on one port, as the CLI offers them.
 * @param guarded receives the type of every registration that the program's transforms let pass.
 */
async function startEngine(
  monitor: Record<string, Method>,
  log: (text: string) => void,
  guarded: string[],
): Promise<{ address: string; stop: () => void }> {
  const server = new grpc.Server();
  const serve = (service: grpc.ServiceDefinition, methods: Record<string, Method>): void => {
    const handlers = Object.keys(service).map((name) => {
      const handler: grpc.handleUnaryCall<unknown, unknown> = (call, answer) => {
        const method = methods[name];
        if (method === undefined) answer({ code: grpc.status.UNIMPLEMENTED });
        else void method.call(monitor, call.request, answer as unknown as Answer);
      };
      return [name, handler] as const;
    });
    server.addService(service, Object.fromEntries(handlers));
  };
  const callbacks: callbackMessages.Callback[] = [];
  const nothing: Method = (_, answer) => answer(null, new empty.Empty());
  serve(resourceProto.ResourceMonitorService, {
    supportsFeature: (request, answer) => {
      const response = new resourceMessages.SupportsFeatureResponse();
      response.setHassupport((request as { getId(): string }).getId() !== 'outputValues');
      answer(null, response);
    },
    invoke: monitor.invoke!,
    registerResource: async (request, answer) => {
      try {
        for (const callback of callbacks) await transform(callback, request as Registration);
        monitor.registerResource!(request, answer);
        if (callbacks.length > 0) guarded.push((request as Registration).getType());
      } catch (error) {
        answer(error, null);
      }
    },
    registerResourceOutputs: (request, answer) =>
      monitor.registerResourceOutputs!(request, (error) => answer(error, new empty.Empty())),
    registerStackTransform: (request, answer) => {
      callbacks.push(request as callbackMessages.Callback);
      answer(null, new empty.Empty());
    },
    registerPackage: monitor.registerPackage!,
    signalAndWaitForShutdown: nothing,
  });
  serve(engineProto.EngineService, {
    log: (request, answer) => {
      const line = request as { getMessage(): string; getSeverity(): number };
      // 0 is DEBUG.
      if (line.getSeverity() > 0) log(line.getMessage());
      answer(null, new empty.Empty());
    },
    setRootResource: (_, answer) => answer(null, new engineMessages.SetRootResourceResponse()),
    getRootResource: (_, answer) => answer(null, new engineMessages.GetRootResourceResponse()),
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return { address: `127.0.0.1:${port}`, stop: () => server.forceShutdown() };
}

/** Parts of a registration that a transform is shown. */
interface Registration {
  getType(): string;
  getName(): string;
  getCustom(): boolean;
  getParent(): string;
  getObject(): object;
}

/** Asks a transform of the program about a registration, over gRPC, as the engine does. */
function transform(callback: callbackMessages.Callback, registration: Registration): Promise<void> {
  const request = new resourceMessages.TransformRequest();
  request.setType(registration.getType());
  request.setName(registration.getName());
  request.setCustom(registration.getCustom());
  request.setParent(registration.getParent());
  request.setProperties(registration.getObject() as never);
  const call = new callbackMessages.CallbackInvokeRequest();
  call.setToken(callback.getToken());
  call.setRequest(request.serializeBinary());
  const client = new callbackProto.CallbacksClient(
    callback.getTarget(),
    grpc.credentials.createInsecure(),
  );
  return new Promise((resolve, reject) => {
    client.invoke(call, (error: Error | null) => {
      client.close();
      if (error === null) resolve();
      else reject(error);
    });
  });
}

/** Starts Pulumi's Node.js host the way that its language plugin does. */
function runHost(
  address: string,
  stack: string,
  overrides: Record<string, string> = {},
): Promise<number | null> {
  const { runtime } = parse(readFileSync(join(PROJECT_DIRECTORY, 'Pulumi.yaml'), 'utf8')) as {
    runtime: { options: { nodeargs: string; typescript: boolean } };
  };
  const { values, secretKeys } = readStackConfig(stack, overrides);
  const host = spawn(
    process.execPath,
    [
      ...runtime.options.nodeargs.split(' '),
      require.resolve('@pulumi/pulumi/cmd/run'),
      `--monitor=${address}`,
      `--engine=${address}`,
      '--project=gatehouse',
      `--stack=${stack}`,
      `--pwd=${PROJECT_DIRECTORY}`,
      '--parallel=16',
      '.',
    ],
    {
      cwd: PROJECT_DIRECTORY,
      stdio: ['ignore', 'ignore', 'inherit'],
      env: {
        PATH: process.env.PATH,
        TMPDIR: process.env.TMPDIR,
        PULUMI_CONFIG: JSON.stringify(values),
        PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(secretKeys),
        PULUMI_NODEJS_TYPESCRIPT: String(runtime.options.typescript),
      },
    },
  );
  return new Promise((resolve, reject) => {
    host.once('error', reject);
    host.once('exit', resolve);
  });
}

describe('the program under Pulumi’s language host', () => {
  it('registers what the recorder records, over gRPC', async () => {
    const recorded = await record('dev', { program: gatehouse });
    const resources: RecordedResource[] = [];
    const invokes: RecordedInvoke[] = [];
    const logged: string[] = [];
    const guarded: string[] = [];
    await installMonitor({
      project: 'gatehouse',
      stack: 'dev',
      region: 'eu-central-1',
      resources,
      invokes,
    });
    const monitor = pulumi.runtime.getMonitor() as unknown as Record<string, Method>;
    const engine = await startEngine(monitor, (text) => logged.push(text), guarded);
    try {
      expect({ code: await runHost(engine.address, 'dev'), logged }).toEqual({
        code: 0,
        logged: [],
      });
    } finally {
      engine.stop();
    }
    expect(guarded).toContain('aws:cloudfront/distribution:Distribution');
    expect(resources.map(({ urn }) => urn).sort()).toEqual(
      recorded.resources.map(({ urn }) => urn).sort(),
    );
    const tokens = (calls: readonly RecordedInvoke[]) => calls.map(({ token }) => token).sort();
    expect(tokens(invokes)).toEqual(tokens(recorded.invokes));
  });
});
