"""The review console: pages for leads, without a build step and readable without JavaScript."""
