// The bridge between requests and OpenTelemetry's API: its active context is the running request's.
import { ROOT_CONTEXT, trace, TraceFlags } from '@opentelemetry/api';
import type { Context, ContextManager } from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { activeScope, enterScope, newSpanId, runInScope, unrecordedTraceId } from './context';
import type { Scope } from './context';

/**
 * Keeps the API's context in the requests' own scope. A request makes a context for the API only
 * when somebody asks for it; a span that the API makes active is the parent of what the service
 * measures within it. Binding functions and emitters is OpenTelemetry's own code, on top of `with`.
 */
export class RequestContextManager extends AsyncLocalStorageContextManager {
  override active(): Context {
    const scope = activeScope();
    return scope === undefined ? ROOT_CONTEXT : (scope.api ??= contextOf(scope));
  }

  override with<A extends unknown[], F extends (...args: A) => ReturnType<F>>(
    context: Context,
    work: F,
    thisArg?: ThisParameterType<F>,
    ...args: A
  ): ReturnType<F> {
    return runInScope(scopeOf(context), () => work.call(thisArg, ...args));
  }

  override attach(context: Context): ReturnType<NonNullable<ContextManager['attach']>> {
    const before = activeScope();
    let attached = true;
    enterScope(scopeOf(context));
    return {
      dispose() {
        if (attached) enterScope(before);
        attached = false;
      },
    };
  }
}

/** What the API takes for the parent: the request's span, or, unrecorded, one that is not sampled. */
function contextOf({ span, traceparent }: Scope): Context {
  return trace.setSpanContext(
    ROOT_CONTEXT,
    span === undefined
      ? {
          traceId: unrecordedTraceId(traceparent),
          spanId: newSpanId(),
          traceFlags: TraceFlags.NONE,
        }
      : { traceId: span.traceId, spanId: span.spanId, traceFlags: TraceFlags.SAMPLED },
  );
}

function scopeOf(api: Context): Scope {
  const current = activeScope();
  if (current?.api === api) return current;
  const active = trace.getSpanContext(api);
  const recorded =
    active !== undefined &&
    (active.traceFlags & TraceFlags.SAMPLED) !== 0 &&
    !isTracingSuppressed(api);
  return {
    span: recorded
      ? { traceId: active.traceId, spanId: active.spanId, parentSpanId: undefined }
      : undefined,
    traceparent: undefined,
    api,
  };
}
