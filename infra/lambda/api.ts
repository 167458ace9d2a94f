// The API Gateway HTTP API in front of the function: an origin for CloudFront.
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { API_GATEWAY_RATE } from '../../contracts/aws-limits';

/** What {@link apiOf} needs. */
export interface ApiArgs {
  accountId: string;
  /** Log group of the access logs. */
  accessLogGroupArn: pulumi.Input<string>;
  /** Executions that are reserved for the function; the API's throttle follows from it. 0: none are. */
  concurrency: number;
  /** Longest time of a request in seconds. */
  requestTimeoutSeconds: number;
}

/** The HTTP API with one route: everything to the function. */
export function apiOf(
  name: string,
  fn: aws.lambda.Function,
  args: ApiArgs,
  parent: pulumi.Resource,
): aws.apigatewayv2.Api {
  const api = new aws.apigatewayv2.Api(
    `${name}-api`,
    { description: 'Origin of CloudFront; the service refuses all else.', protocolType: 'HTTP' },
    { parent },
  );
  const integration = new aws.apigatewayv2.Integration(
    `${name}-api-fn`,
    {
      apiId: api.id,
      integrationType: 'AWS_PROXY',
      integrationUri: fn.invokeArn,
      payloadFormatVersion: '2.0',
      timeoutMilliseconds: (args.requestTimeoutSeconds + 1) * 1000,
    },
    { parent },
  );
  new aws.apigatewayv2.Route(
    `${name}-api-all`,
    {
      apiId: api.id,
      routeKey: '$default',
      // Authorised at the edge; the origin secret proves that the edge was passed.
      authorizationType: 'NONE',
      target: pulumi.interpolate`integrations/${integration.id}`,
    },
    { parent },
  );
  // A function at 20 ms a request: 50 requests a second of each execution.
  const { perSecond, burst } =
    args.concurrency === 0
      ? API_GATEWAY_RATE
      : { perSecond: args.concurrency * 50, burst: args.concurrency * 50 };
  new aws.apigatewayv2.Stage(
    `${name}-api-stage`,
    {
      apiId: api.id,
      name: '$default',
      autoDeploy: true,
      accessLogSettings: { destinationArn: args.accessLogGroupArn, format: ACCESS_LOG_FORMAT },
      defaultRouteSettings: {
        detailedMetricsEnabled: true,
        // Left out, the provider sends 0, and everything is throttled.
        throttlingBurstLimit: burst,
        throttlingRateLimit: perSecond,
      },
    },
    { parent },
  );
  new aws.lambda.Permission(
    `${name}-api-invokes`,
    {
      function: fn.name,
      action: 'lambda:InvokeFunction',
      principal: 'apigateway.amazonaws.com',
      sourceArn: pulumi.interpolate`${api.executionArn}/*`,
      sourceAccount: args.accountId,
    },
    { parent },
  );
  return api;
}

/** No header, no query: neither a key nor personal data. */
const ACCESS_LOG_FORMAT = JSON.stringify({
  requestId: '$context.requestId',
  time: '$context.requestTime',
  method: '$context.httpMethod',
  path: '$context.path',
  status: '$context.status',
  latencyMs: '$context.responseLatency',
  integrationLatencyMs: '$context.integrationLatency',
  error: '$context.error.message',
});
