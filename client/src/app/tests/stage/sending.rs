//! What the app under test sends, and what is sent to it.

use super::*;

/// Ana's conversation with somebody.
pub(crate) fn direct_with(n: u8) -> RoomId {
    RoomId::direct(&BTreeSet::from([member(ANA), member(n)]))
}

/// The frames among effects that go up.
pub(crate) fn sent(effects: &[Effect]) -> Vec<&Up> {
    effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Order(Order::Send { frame, .. }) => Some(&**frame),
            Effect::Order(Order::Reconnect | Order::Stop)
            | Effect::Bell
            | Effect::Notify(_)
            | Effect::Copy(_)
            | Effect::Edit(_)
            | Effect::Suspend
            | Effect::Repaint
            | Effect::Mouse(_)
            | Effect::Quit => None,
        })
        .collect()
}

impl Stage {
    /// Somebody says something; what the console does about it.
    pub(crate) fn heard(
        &mut self,
        room: RoomId,
        by: u8,
        event: talk::Event,
        text: &str,
    ) -> Vec<Effect> {
        let texts = vec![salted(TextKind::Body, text)];
        self.append(room, by, 0, Worded::new(Event::Talk(event), texts));
        let entry = self.logs[&room].entries.last().unwrap();
        let raw = RawValue::from_string(String::from_utf8(entry.encode()).unwrap()).unwrap();
        self.frame(Down::Entries {
            room,
            entries: vec![raw],
        })
    }

    /// An entry comes; what the console does about it.
    pub(crate) fn put_heard(&mut self, room: RoomId, by: u8, event: Worded<Event>) -> Vec<Effect> {
        self.append(room, by, 0, event);
        let entry = self.logs[&room].entries.last().unwrap();
        let raw = RawValue::from_string(String::from_utf8(entry.encode()).unwrap()).unwrap();
        let entries = vec![raw];
        self.frame(Down::Entries { room, entries })
    }

    pub(crate) fn archive(&mut self, room: RoomId) {
        let archived = Event::Channel(channel::Event::Archived {});
        self.put(room, PRIYA, 1, Worded::plain(archived));
    }

    /// The server serves the pages that were asked for: the whole log; what is asked for then.
    pub(crate) fn serve(&mut self, effects: &[Effect]) -> Vec<Effect> {
        let mut more = vec![];
        for frame in sent(effects) {
            let Up::Page { id, room, .. } = frame else {
                continue;
            };
            let log = &self.logs[room];
            let entries = log.entries.iter().map(|entry| {
                RawValue::from_string(String::from_utf8(entry.encode()).unwrap()).unwrap()
            });
            let page = Down::Page {
                id: *id,
                room: *room,
                head: log.room.head.seq,
                entries: entries.collect(),
                notes: vec![],
                marks: vec![],
                more: false,
            };
            more.extend(self.frame(page));
        }
        more
    }
}

/// The commands among effects: their facts and texts.
pub(crate) fn commands(effects: &[Effect]) -> Vec<(String, Vec<String>)> {
    sent(effects)
        .into_iter()
        .filter_map(|up| {
            let Up::Command { facts, texts, .. } = up else {
                return None;
            };
            let texts = texts.iter().map(|text| text.text.to_string());
            Some((facts.clone(), texts.collect()))
        })
        .collect()
}

impl Stage {
    pub(super) fn partner_news(&mut self) {
        self.channel(NEWS, "partner-news", channel::Reach::Announcement);
        let read = self.say(NEWS, PRIYA, 3_000, "Welcome to the program.");
        self.read(NEWS, read);
        self.say(NEWS, PRIYA, 60, "Gold benefits for 2027 are out.");
    }

    pub(super) fn tom(&mut self) {
        let people = [TOM, ANA]
            .map(|n| direct::Person {
                id: member(n),
                org: org_of(n),
            })
            .to_vec();
        let room = direct_with(TOM);
        self.begin(
            room,
            TOM,
            400,
            Event::Direct(direct::Event::Opened { people }),
            &[],
        );
        self.say(room, TOM, 120, "Thursday works, see you at ten.");
    }

    pub(crate) fn news(&mut self, news: News) -> Vec<Effect> {
        self.app.update(Input::News(news))
    }

    pub(crate) fn frame(&mut self, frame: Down) -> Vec<Effect> {
        self.news(News::Frame(Box::new(frame)))
    }

    /// Time passes.
    pub(crate) fn pass(&mut self, millis: i64) -> Vec<Effect> {
        let now = self.app.now + Span::millis(millis);
        self.app.update(Input::Tick(now))
    }

    /// Presses keys: characters as they are, others as in `<ctrl+k>` and `<enter>`.
    pub(crate) fn keys(&mut self, keys: &str) -> Vec<Effect> {
        let mut effects = vec![];
        let mut rest = keys;
        while let Some(c) = rest.chars().next() {
            let named = rest
                .strip_prefix('<')
                .and_then(|after| after.split_once('>'));
            let chord = match named.and_then(|(name, after)| Some((name.parse().ok()?, after))) {
                Some((chord, after)) => {
                    rest = after;
                    chord
                }
                None => {
                    rest = &rest[c.len_utf8()..];
                    Chord::plain(Code::Char(c))
                }
            };
            effects.extend(self.app.update(Input::Key(chord)));
        }
        effects
    }

    pub(crate) fn terminal(&mut self, width: u16, height: u16) -> Terminal<TestBackend> {
        self.app.update(Input::Resize(Size { width, height }));
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        let app = &self.app;
        terminal
            .draw(|frame| view::draw(app, Theme::Sixteen, frame))
            .unwrap();
        terminal
    }

    /// The screen as text.
    pub(crate) fn screen(&mut self, width: u16, height: u16) -> String {
        let terminal = self.terminal(width, height);
        let buffer = terminal.backend().buffer();
        let mut rows = String::new();
        for y in 0..height {
            let mut row = String::new();
            let mut skip = 0;
            for x in 0..width {
                if skip > 0 {
                    skip -= 1;
                    continue;
                }
                let symbol = buffer[(x, y)].symbol();
                skip = crate::app::words::width(symbol).saturating_sub(1);
                row.push_str(symbol);
            }
            rows.push_str(row.trim_end());
            rows.push('\n');
        }
        rows
    }

    #[track_caller]
    pub(crate) fn sees(&mut self, words: &str) {
        let screen = self.screen(120, 36);
        assert!(screen.contains(words), "{words:?} is not in\n{screen}");
    }

    #[track_caller]
    pub(crate) fn sees_no(&mut self, words: &str) {
        let screen = self.screen(120, 36);
        assert!(!screen.contains(words), "{words:?} is in\n{screen}");
    }

    /// What the rules make of a command of Ana's.
    pub(super) fn decide(&self, id: RoomId, command: &Worded<Command>) -> Vec<Worded<Event>> {
        let log = &self.logs[&id];
        let (n, name, of, role) = PEOPLE[0];
        let standing = Standing {
            member: member_card(n, name, of, role),
            org: org_card(BRIGHTPATH, "BrightPath"),
        };
        let named = command.what.named(&command.texts);
        let own = Own::default();
        let terms = log.room.audience.admits(&standing, |_| true).unwrap();
        let (note, marks) = (Note::default(), Marks::default());
        let cited = named.cites.map(|seq| Cited {
            entry: &log.entries[usize::try_from(seq.0).unwrap() - 1],
            note: &note,
            marks: &marks,
        });
        let members: Vec<MemberCard> = PEOPLE
            .iter()
            .map(|(n, name, of, role)| member_card(*n, name, *of, *role))
            .filter(|card| named.members.contains(&card.id))
            .collect();
        let case = Case {
            id,
            room: &log.room,
            texts: &log.texts,
            admission: Admission::Seat {
                role: terms.role,
                since: terms.since,
                own: &own,
            },
            actor: Actor::Member(&standing),
            tie: None,
            other: None,
            named: &members,
            cited,
            home: None,
            claim: None,
            code_used: false,
            policy: Policy::None,
            server: Hash([7; 32]),
            fresh: &[[0; 16]; 4],
            now: NOW,
        };
        room::decide(&case, command).unwrap()
    }

    /// The server takes a command that was sent, and its entries come; `None` where nothing was sent.
    pub(crate) fn answer(&mut self, effects: &[Effect]) -> Option<RoomId> {
        let mut answered = None;
        for frame in sent(effects) {
            let Up::Command {
                lane,
                n,
                room,
                facts,
                texts,
                ..
            } = frame
            else {
                continue;
            };
            let command = Command::read(facts, texts.clone()).unwrap();
            let events = self.decide(*room, &command);
            let seq = self.logs[room].room.head.seq.next();
            let outcome = Outcome::Accepted {
                room: *room,
                from: seq,
                to: seq,
                at: NOW,
            };
            self.frame(Down::Answer {
                lane: *lane,
                n: *n,
                outcome,
            });
            for event in events {
                self.put(*room, ANA, 0, event);
            }
            answered = Some(*room);
        }
        answered
    }

    /// The server refuses a command that was sent.
    pub(crate) fn refuse(&mut self, effects: &[Effect], words: &str) {
        for frame in sent(effects) {
            if let Up::Command { lane, n, .. } = frame {
                let refusal = Refusal {
                    code: "state".to_owned(),
                    field: String::new(),
                    words: words.to_owned(),
                };
                self.frame(Down::Answer {
                    lane: *lane,
                    n: *n,
                    outcome: Outcome::Refused(refusal),
                });
            }
        }
    }
}
