// The stations of a platform as a recorded stack describes them.
import type { Recording } from '../../recorder/record';
import * as aws from './aws/station';
import * as deployments from './fargate/deployments';
import * as loadBalancer from './fargate/load-balancer';
import * as scaling from './fargate/scaling';
import * as tasks from './fargate/tasks';
import * as cloudFront from './front/cloudfront';
import * as edgeFunction from './front/edge-function';
import * as waf from './front/waf';
import * as functions from './functions';
import * as keyCheck from './key-check';

/**
 * Read before anything starts: what a stack lacks is said at once.
 * @throws Error for a stack of another compute, or without a resource that a station stands for.
 */
export function readStations(recording: Recording) {
  if (recording.outputs.compute === 'lambda') {
    throw new Error(
      `Stack ${recording.stack} has "compute: lambda": the local platform runs tasks behind a load ` +
        'balancer. Name a stack that does so with --stack, or change gatehouse:compute.',
    );
  }
  return {
    aws: aws.read(recording),
    functions: functions.read(recording),
    loadBalancer: loadBalancer.read(recording),
    tasks: tasks.read(recording),
    deployments: deployments.read(recording),
    scaling: scaling.read(recording),
    edgeFunction: edgeFunction.read(recording),
    waf: waf.read(recording),
    cloudFront: cloudFront.read(recording),
    keyCheck: keyCheck.read(recording),
  };
}
