// An AWS account in this process: the APIs that deploying and sweeping call, by their wire protocols, with faults.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { listen, readBody, serverOf, shut } from '../../local/http';
import { encode, encodeFault, Fault, readCall, type Call } from './aws-protocols';
import { OPERATIONS } from './aws-operations';
import { emptyAccount, type Account } from './aws-account';

export { Fault } from './aws-protocols';

/** Decides before an operation runs whether it fails. */
export type FaultInjector = (call: Call) => Fault | undefined;

/** A running account. */
export interface AwsStandIn {
  /** What `AWS_ENDPOINT_URL` is set to. */
  readonly url: string;
  readonly account: Account;
  /** Every call so far, such as `lambda.DeleteFunction us-east-1`. */
  readonly calls: string[];
  inject: FaultInjector | undefined;
  close(): Promise<void>;
}

/** Starts an account on any free port of 127.0.0.1. */
export async function startAws(): Promise<AwsStandIn> {
  const server = serverOf(handle);
  const account = emptyAccount();
  const standIn: AwsStandIn = {
    url: `http://127.0.0.1:${await listen(server, 0)}`,
    account,
    calls: [],
    inject: undefined,
    close: () => shut(server),
  };
  return standIn;

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const call = readCall(request, (await readBody(request, 1_000_000)).toString());
    standIn.calls.push(`${call.service}.${call.operation} ${call.region}`);
    try {
      const fault = standIn.inject?.(call);
      if (fault !== undefined) throw fault;
      if (account.switchedOff.includes(call.region)) {
        throw new Fault('UnrecognizedClientException', 'The security token is invalid.', 403);
      }
      const operation = OPERATIONS[`${call.service}.${call.operation}`];
      if (operation === undefined) {
        throw new Fault('UnknownOperationException', `${call.service}.${call.operation}`);
      }
      send(response, encode(call, operation(account, call)));
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      send(response, encodeFault(call, error));
    }
  }
}

function send(
  response: ServerResponse,
  { status, headers, body }: ReturnType<typeof encode>,
): void {
  response.writeHead(status, { 'x-amzn-requestid': 'stand-in', ...headers });
  response.end(body);
}

/** Points the SDKs of this process to the account; answers how to undo it. */
export function useAws({ url }: { url: string }): () => void {
  const variables = {
    AWS_ENDPOINT_URL: url,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_MAX_ATTEMPTS: '2',
  };
  const before = Object.keys(variables).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, variables);
  return () => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  };
}
