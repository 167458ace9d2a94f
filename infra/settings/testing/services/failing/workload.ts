// A declaration that can't be loaded.
throw new Error('no such module');
