// The OpenAPI document: its head, and the operations that no schema of users describes.
import { z } from '@hono/zod-openapi';
import type { OpenAPIHono } from '@hono/zod-openapi';
import { API_KEY_HEADER } from '../../../contracts/headers';
import type { AppEnv } from '../kit/identity';
import { problemResponses } from './definitions';

export const openApiOptions = {
  openapi: '3.1.0',
  info: {
    title: 'Users',
    version: '1.0.0',
    description:
      'A directory of users in JSON:API 1.1. Credentials can be written and never be read.',
  },
  servers: [{ url: '/' }],
  tags: [
    { name: 'users', description: 'Users and their credentials' },
    { name: 'service', description: 'The service itself' },
  ],
};

const security = [{ apiKey: [] }];
const tags = ['service'];

/** Adds to the document what the routes of users do not bring along. */
export function describeService(app: OpenAPIHono<AppEnv>): void {
  const registry = app.openAPIRegistry;
  registry.registerComponent('securitySchemes', 'apiKey', {
    type: 'apiKey',
    in: 'header',
    name: API_KEY_HEADER,
    description: 'Key of an internal user; the edge checks it.',
  });
  const status = (description: string) => ({
    description,
    content: { 'application/json': { schema: z.object({ status: z.string() }) } },
  });
  registry.registerPath({
    method: 'get',
    path: '/healthz',
    summary: 'Whether the process lives',
    tags,
    responses: { 200: status('It does') },
  });
  registry.registerPath({
    method: 'get',
    path: '/readyz',
    summary: 'Whether requests can be served: the table answers, and the process is not ending',
    tags,
    responses: { 200: status('Ready'), 503: status('Not ready, or draining') },
  });
  registry.registerPath({
    method: 'get',
    path: '/openapi.json',
    summary: 'This document',
    tags,
    security,
    responses: {
      200: {
        description: 'OpenAPI 3.1',
        content: { 'application/json': { schema: z.object({ openapi: z.string() }) } },
      },
      ...problemResponses(),
    },
  });
  registry.registerPath({
    method: 'get',
    path: '/docs',
    summary: 'This document as a page to read',
    tags,
    security,
    responses: {
      200: { description: 'The page', content: { 'text/html': { schema: z.string() } } },
      ...problemResponses(),
    },
  });
}
