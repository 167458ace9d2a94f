// Lambda's Invoke: functions by name, their answers and errors as Lambda hands them on.
import { AwsFault } from './faults';

/** A function as Lambda would run it: it takes and returns what JSON can hold. */
export type LocalFunction = (payload: unknown) => Promise<unknown>;

/** What an invocation came to. */
export interface Invocation {
  readonly payload: unknown;
  /** Headers besides: whether the function failed, which is no failure of the call. */
  readonly headers: Record<string, string>;
}

/** https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html */
const INVOKE = /^\/2015-03-31\/functions\/([^/?]+)\/invocations$/;

/** Name of the function that a path invokes; its ARN ends in it. */
export function invokedBy(path = ''): string | undefined {
  const [, name] = INVOKE.exec(path) ?? [];
  return name === undefined ? undefined : decodeURIComponent(name).split(':').at(-1);
}

/** @throws AwsFault when there is no such function. */
export async function invoke(
  functions: ReadonlyMap<string, LocalFunction>,
  name: string,
  payload: unknown,
): Promise<Invocation> {
  const called = functions.get(name);
  if (called === undefined) {
    throw new AwsFault('ResourceNotFoundException', `Function not found: ${name}`, 404);
  }
  try {
    return { payload: (await called(payload)) ?? null, headers: {} };
  } catch (error) {
    const { name: errorType, message: errorMessage } = error as Error;
    return {
      payload: { errorType, errorMessage, trace: [] },
      headers: { 'x-amz-function-error': 'Unhandled' },
    };
  }
}
