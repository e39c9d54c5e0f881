"""The sections of the policy file, a module for each subject, with the checks that make sense inside one section."""
