-- What one process at a time does for all: who has it, and until when.
CREATE TABLE IF NOT EXISTS duties (
    name        VARCHAR(64)  NOT NULL,
    owner       VARCHAR(128) NOT NULL,
    lease_until DATETIME(6)  NOT NULL,
    PRIMARY KEY (name)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;
