// The head of the OpenAPI document; its body is derived from the routes.

export const openApiOptions = {
  openapi: '3.1.0',
  info: {
    title: 'Users',
    version: '1.0.0',
    description:
      'A directory of users in JSON:API 1.1. Credentials can be written and never be read.',
  },
  servers: [{ url: '/' }],
  tags: [{ name: 'users', description: 'Users and their credentials' }],
};
